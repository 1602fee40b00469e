import { excerptAt, type RowRule } from '../row.ts';

/** What belongs to a prompt or a chat template and not to a reply. */
const LEFTOVERS: readonly { what: string; pattern: RegExp }[] = [
  {
    what: 'a token of a chat template',
    pattern:
      /<\|(?:im_start|im_end|im_sep|start_header_id|end_header_id|eot_id|begin_of_text|end_of_text|endoftext|system|user|assistant|channel|message|start|return)\|>|<[｜|](?:User|Assistant|begin▁of▁sentence|end▁of▁sentence)[｜|]>|\[\/?INST\]|<<\/?SYS>>|<(?:start|end)_of_turn>/,
  },
  {
    what: 'the name of a role',
    pattern:
      /(?:^|\n)\s{0,4}(?:#{2,3} ?(?:Instruction|Input|Response|Human|Assistant|System)\b:?|(?:Human|User|Assistant|System): )/,
  },
  {
    what: 'a placeholder of a prompt',
    pattern:
      /\{\{ ?(?:problem|question|answer|prompt|input|instruction|solution)\b[^{}\n]{0,40}\}\}|(?<![\w}\\])\{(?:problem|question|prompt|instruction)\}|\[(?:insert|your) (?:answer|problem|question)[^\]\n]{0,20}\]/i,
  },
  {
    what: 'an instruction to the model',
    pattern:
      /\bplease (?:reason|think) step[- ]by[- ]step\b|\byou are an? (?:helpful|expert|intelligent|harmless)\b[^.\n]{0,40}\b(?:assistant|mathematician|tutor|model|AI)\b|\bbelow is an instruction that describes a task\b|\bmy (?:system )?(?:prompt|instructions) (?:is|are|was|were)\b/i,
  },
];
/** Special tokens at the end of a text, which import removes. */
const END = /(?:\s*(?:<\|(?:im_end|eot_id|endoftext|end|return)\|>|<｜end▁of▁sentence｜>|<\/s>))+\s*$/;

export const leftoverPrompt: RowRule = {
  finding: 'leftover-prompt',
  find: ({ reply }) => {
    const text = reply?.written.replace(END, '') ?? '';
    for (const { what, pattern } of LEFTOVERS) {
      const match = pattern.exec(text);
      if (!match) continue;
      const found = match[0].trim();
      return {
        reason: `The reply contains ${what}: “${found}”.`,
        excerpt: excerptAt(text, match.index, match.index + found.length),
      };
    }
    return undefined;
  },
};
