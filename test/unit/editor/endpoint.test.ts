import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostOfURL, keyNameOf, sendsKeyInClear } from '../../../src/core/models/base-url.ts';
import { ModelRef } from '../../../src/core/schemas/index.ts';
import { LOCAL_SERVERS, readBaseURL } from '../../../src/editor/models/endpoint.ts';

describe('a base URL as people type it', () => {
  it.each([
    ['http://127.0.0.1:8000/v1', 'http://127.0.0.1:8000/v1'],
    [' localhost:11434 ', 'http://localhost:11434/v1'],
    ['[::1]:8080', 'http://[::1]:8080/v1'],
    ['models.example.org', 'https://models.example.org/v1'],
    ['https://models.example.org/api/v3/', 'https://models.example.org/api/v3'],
    ['http://127.0.0.1:1234/v1/chat/completions', 'http://127.0.0.1:1234/v1'],
    ['http://127.0.0.1:1234/v1/models', 'http://127.0.0.1:1234/v1'],
    ['http://127.0.0.1:1234/v1//models/models/', 'http://127.0.0.1:1234/v1'],
  ])('%s is %s', (typed, baseURL) => {
    expect(readBaseURL(typed)).toEqual({ baseURL });
  });

  it.each([
    ['', 'empty'],
    ['not a url', 'not-a-url'],
    ['ftp://127.0.0.1/', 'not-http'],
    ['file:///etc/passwd', 'not-http'],
    ['https://me:secret@models.example.org/v1', 'credentials'],
    ['https://models.example.org/v1?key=secret', 'query'],
  ])('%s is refused: %s', (typed, problem) => {
    expect(readBaseURL(typed)).toEqual({ problem });
  });

  it.each([
    'https://me:secret@models.example.org/v1',
    'https://h.example/v1?key=s',
    'https://h.example/v1#s',
    'https://h.example/v1?',
  ])('%s is refused as an address, and the settings report what to do', (baseURL) => {
    const { error } = ModelRef.safeParse({ kind: 'openai', baseURL, model: 'm' });
    expect(error?.issues[0]?.message).toContain('LONGHAND_API_KEY');
  });

  const segment = fc.constantFrom('v1', 'models', 'chat', 'completions', '', 'a');
  const paths = fc.array(segment, { maxLength: 5 }).map((parts) => `http://localhost:1/${parts.join('/')}`);

  it('is accepted by the settings whenever it is read, and read again as itself', () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl(), paths, fc.domain(), fc.string()), (typed) => {
        const read = readBaseURL(typed);
        if ('problem' in read) return;
        expect(ModelRef.safeParse({ kind: 'openai', baseURL: read.baseURL, model: 'm' }).success).toBe(true);
        expect(readBaseURL(read.baseURL)).toEqual(read);
      }),
    );
  });

  it('has a host for its key, and reports when the key would be readable on the network', () => {
    expect(hostOfURL('http://127.0.0.1:8000/v1')).toBe('127.0.0.1:8000');
    expect(sendsKeyInClear('http://models.example.org/v1')).toBe(true);
    expect(sendsKeyInClear('https://models.example.org/v1')).toBe(false);
    expect(keyNameOf('https://models.example.org/v1')).toBe('models.example.org');
    expect(keyNameOf('http://models.example.org/v1')).not.toBe(keyNameOf('https://models.example.org/v1'));
    expect(keyNameOf('http://127.0.0.1:8000/v1')).toBe('127.0.0.1:8000');
    expect(LOCAL_SERVERS.filter(({ baseURL }) => sendsKeyInClear(baseURL))).toEqual([]);
  });
});
