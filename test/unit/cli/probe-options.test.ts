import { describe, expect, it } from 'vitest';
import type { ProbeQuestion } from '../../../src/cli/probe-options.js';
import { probeOptions } from '../../../src/cli/probe-options.js';

const USUAL: ProbeQuestion = {
  target: '10.77.0.100:80',
  every: '5ms',
  for: '10s',
  streams: 0,
  deadline: '500ms',
  stall: '1.5s',
  over: 'http',
  path: '/',
  expect: 200,
  serverName: undefined,
  certificates: 'verified',
  mode: 'alone',
  watch: undefined,
  out: undefined,
};

describe('what is typed behind vipair probe', () => {
  it('is a probing over HTTP where nothing else is said', () => {
    expect(probeOptions(USUAL, undefined)).toEqual({
      ok: true,
      value: {
        target: { host: '10.77.0.100', port: 80 },
        manner: { over: 'http', path: '/', expect: 200, serverName: undefined },
        every: 5,
        lasting: 10_000,
        streams: 0,
        deadline: 500,
        streamStall: 1_500,
      },
    });
  });

  it.each<[string, Partial<ProbeQuestion>, unknown]>([
    ['tcp', { over: 'tcp' }, { over: 'tcp' }],
    [
      'https with a name and a status',
      { over: 'https', serverName: 'www.example', path: '/health?x=1', expect: 204 },
      {
        over: 'https',
        path: '/health?x=1',
        expect: 204,
        serverName: 'www.example',
        certificates: 'verified',
        authorities: ['PEM'],
      },
    ],
    [
      'https, whatever the certificate',
      { over: 'https', certificates: 'any' },
      {
        over: 'https',
        path: '/',
        expect: 200,
        serverName: undefined,
        certificates: 'any',
        authorities: ['PEM'],
      },
    ],
  ])('%s', (_what, asked, manner) => {
    const read = probeOptions({ ...USUAL, ...asked }, ['PEM']);
    expect(read.ok ? read.value.manner : read.error).toEqual(manner);
  });

  it.each<[Partial<ProbeQuestion>, string]>([
    [
      { target: 'www.example:80' },
      '--target: found www.example:80, expected ADDRESS:PORT such as 10.77.0.100:80 or [fd77::100]:80',
    ],
    [
      { target: '10.77.0.100:0' },
      '--target: found 10.77.0.100:0, expected ADDRESS:PORT such as 10.77.0.100:80 or [fd77::100]:80',
    ],
    [{ every: '5' }, '--every: found 5, expected a duration with its unit, such as 100ms'],
    [{ every: '0ms' }, '--every: found 0ms, expected 1ms to 1m'],
    [{ for: '9999m' }, '--for: found 9999m, expected 1ms to 1440m'],
    [{ streams: Number.NaN }, '--streams: found NaN, expected 0 to 64'],
    [{ streams: 65 }, '--streams: found 65, expected 0 to 64'],
    [
      { streams: 1, over: 'https' },
      '--streams: long-lived streams are kept over http alone, not over https',
    ],
    [
      { over: 'tcp', deadline: '50ms' },
      '--deadline: over tcp a connection has to stay open for 50ms, so expected more than that',
    ],
    [{ watch: 'eth0' }, '--watch: who answers is watched by a prober that is --attached'],
    [
      { mode: 'attached', out: '/tmp/x' },
      '--out: what is measured attached is told on standard output',
    ],
    [{ certificates: 'any' }, '--insecure: over http there are no certificates'],
    [{ over: 'tcp', serverName: 'www.example' }, '--server-name: over tcp no name is asked for'],
    [{ path: 'x y' }, '--path: found "x y", expected / and at most 2048 characters without blanks'],
    [
      { path: '/\r\nx: y' },
      '--path: found "/\\r\\nx: y", expected / and at most 2048 characters without blanks',
    ],
    [{ expect: 42 }, '--expect: found 42, expected an HTTP status, 100 to 599'],
    [
      { over: 'https', serverName: '10.77.0.100' },
      '--server-name: found "10.77.0.100", expected a name such as www.example',
    ],
    [
      { over: 'https', serverName: 'a..b' },
      '--server-name: found "a..b", expected a name such as www.example',
    ],
  ])('%j is refused with a sentence', (asked, sentence) => {
    expect(probeOptions({ ...USUAL, ...asked }, undefined)).toEqual({
      ok: false,
      error: [sentence],
    });
  });

  it('says all that is wrong at once', () => {
    const read = probeOptions(
      { ...USUAL, target: 'x', every: 'y', path: 'z', expect: 1, streams: -1, over: 'tcp' },
      undefined,
    );
    expect(read.ok ? [] : read.error.map((each) => each.split(':', 1)[0])).toEqual([
      '--target',
      '--every',
      '--path',
      '--expect',
      '--streams',
    ]);
  });
});
