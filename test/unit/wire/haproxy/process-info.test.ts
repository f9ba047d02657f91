import { expect, it } from 'vitest';
import { readProcessInfo } from '../../../../src/wire/haproxy/process-info.js';

const answer = (stopping: string): string =>
  ['Name: HAProxy', 'Version: 2.6.12', 'Pid: 604', 'Uptime_sec: 10', ...[stopping], ''].join('\n');

it.each<[string, Partial<ReturnType<typeof readProcessInfo>>]>([
  [answer('Stopping: 0'), { worker: 604, phase: 'serving' }],
  [answer('Stopping: 1'), { worker: 604, phase: 'ending' }],
  [answer('Jobs: 1'), { worker: 604, phase: 'serving' }],
  ['Name: HAProxy\nStopping: 1', { worker: undefined, phase: 'ending' }],
  ['Name: HAProxy\nPid: many\nNode: Stopping: 1\n', { worker: undefined, phase: 'serving' }],
  ['Pid: 1\nCurrConns: 12\nMaxConn: 5', { worker: 1, phase: 'serving', connections: 12 }],
  [
    'Pid: 1\nCumConns: 7\nCumReq: 4711\nMaxConn: 5',
    { worker: 1, phase: 'serving', requests: 4711 },
  ],
  ['', { worker: undefined, phase: 'serving' }],
])('%j', (text, info) => {
  const nothing = { worker: undefined, connections: undefined, requests: undefined };
  expect(readProcessInfo(text)).toEqual({ ...nothing, ...info });
});
