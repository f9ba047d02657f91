import { expect, it } from 'vitest';
import { readProcessInfo } from '../../../../src/wire/haproxy/process-info.js';

const answer = (stopping: string): string =>
  ['Name: HAProxy', 'Version: 2.6.12', 'Pid: 604', 'Uptime_sec: 10', ...[stopping], ''].join('\n');

it.each<[string, ReturnType<typeof readProcessInfo>]>([
  [answer('Stopping: 0'), { worker: 604, phase: 'serving' }],
  [answer('Stopping: 1'), { worker: 604, phase: 'ending' }],
  [answer('Jobs: 1'), { worker: 604, phase: 'serving' }],
  ['Name: HAProxy\nStopping: 1', { worker: undefined, phase: 'ending' }],
  ['Name: HAProxy\nPid: many\nNode: Stopping: 1\n', { worker: undefined, phase: 'serving' }],
  ['', { worker: undefined, phase: 'serving' }],
])('%j', (text, info) => {
  expect(readProcessInfo(text)).toEqual(info);
});
