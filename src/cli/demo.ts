/** `vipair demo`: to be written. */
import type { LabPorts } from '../lab/lab.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import type { OutputForm } from './terminal.js';

export async function demo(_asked: { form: OutputForm }, _ports: LabPorts): Promise<ExitCode> {
  return Promise.resolve(EXIT.ok);
}
