// Acts as vLLM, SGLang, llama-server, transformers serve and Ollama: it answers as they do while they load and while they serve,
// and fails with their messages. It has no model. Usage: node scripted-server.mjs MODE ARGUMENTS-OF-THE-SERVER.
import { createServer } from 'node:http';

const [mode, ...args] = process.argv.slice(2);
const after = (flag) => (args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined);

if (args[0] === 'create') {
  const host = process.env.OLLAMA_HOST;
  if (mode === 'create-fails') {
    console.error('Error: unsupported architecture');
    process.exit(1);
  }
  await fetch(`http://${host}/scripted/create`, { method: 'POST', body: args[1] });
  process.exit(0);
}

const lastWords = {
  'port-taken':
    "ERROR: [Errno 98] error while attempting to bind on address ('127.0.0.1', 8000): address already in use",
  memory: 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 GiB.',
  package: "ModuleNotFoundError: No module named 'uvicorn'",
  argument: 'vllm: error: unrecognized arguments: --no-such-flag',
  gpu: 'RuntimeError: Failed to infer device type',
  other: 'Segmentation fault somewhere',
}[mode];
if (lastWords !== undefined) {
  console.error(`loading\n${lastWords}`);
  process.exit(1);
}

const adapters = (after('--lora-modules') ?? after('--lora-paths'))?.split('=')[0];
const models = [after('--served-model-name') ?? after('--alias'), adapters].filter(Boolean);
const port = Number(after('--port') ?? process.env.OLLAMA_HOST?.split(':').at(-1));
let asked = 0;
let written = 0;
console.error(`scripted server on ${port}`);
createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  const answer = (status, json) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
  if (request.url === '/scripted/create') {
    models.push(`${body}:latest`);
    return answer(200, {});
  }
  if (request.url === '/health' || request.url === '/api/version') {
    asked += 1;
    const silent = mode === 'silent' || (mode === 'silent-later' && written > 0);
    return answer(silent || asked < 3 ? 503 : 200, { status: asked < 3 ? 'loading' : 'ok' });
  }
  if (request.url === '/v1/models') {
    if (mode === 'other-model') return answer(200, { data: [{ id: 'another' }] });
    return answer(200, { object: 'list', data: models.map((id) => ({ id, object: 'model' })) });
  }
  if (mode === 'no-template') return answer(500, { error: { message: 'no chat template is set' } });
  if (mode === 'dies-late') process.exit(7);
  const { model, seed, messages } = JSON.parse(body);
  written += 1;
  // The first one asks whether it is ready.
  if (mode === 'refuses-one' && written === 2) return answer(400, { error: { message: 'this request is refused' } });
  if (mode === 'even') {
    console.error(`asked ${seed} ${JSON.stringify(messages.at(-1).content)}`);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const content = `So it is \\boxed{${seed % 2 === 0 ? 42 : 43}}.`;
    return answer(200, {
      model,
      choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    });
  }
  answer(200, {
    model,
    choices: [{ index: 0, message: { role: 'assistant', content: 'x' }, finish_reason: 'length' }],
  });
}).listen(port, '127.0.0.1');
