import { expect, it } from 'vitest';
import { readProcessInfo } from '../../../../src/wire/haproxy/process-info.js';

const answer = (stopping: string): string =>
  ['Name: HAProxy', 'Version: 2.6.12', 'Pid: 604', 'Uptime_sec: 10', ...[stopping], ''].join('\n');

it.each<[string, ReturnType<typeof readProcessInfo>]>([
  [answer('Stopping: 0'), { worker: 604, phase: 'serving', connections: undefined }],
  [answer('Stopping: 1'), { worker: 604, phase: 'ending', connections: undefined }],
  [answer('Jobs: 1'), { worker: 604, phase: 'serving', connections: undefined }],
  ['Name: HAProxy\nStopping: 1', { worker: undefined, phase: 'ending', connections: undefined }],
  [
    'Name: HAProxy\nPid: many\nNode: Stopping: 1\n',
    { worker: undefined, phase: 'serving', connections: undefined },
  ],
  ['Pid: 1\nCurrConns: 12\nMaxConn: 5', { worker: 1, phase: 'serving', connections: 12 }],
  ['', { worker: undefined, phase: 'serving', connections: undefined }],
])('%j', (text, info) => {
  expect(readProcessInfo(text)).toEqual(info);
});
