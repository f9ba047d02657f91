/** The stick tables of this node: one line, and what is wrong with which of them. */
import type { ReplicationStatus } from '../../telemetry/tables.js';
import { bad } from '../paint.js';
import { replicationText } from '../tables.js';

export function tablesLines(replication: ReplicationStatus | undefined): string {
  if (replication === undefined) {
    return '';
  }
  const { report } = replication;
  const all = report?.tables ?? [];
  const equal = all.filter(({ verified }) => verified.verdict === 'equal').length;
  const verified =
    report === undefined ? '' : `, ${String(equal)} of ${String(all.length)} verified equal`;
  const differing = all.filter(({ verified: { verdict } }) => verdict === 'differs');
  return [
    `stick tables: ${replicationText(replication)}${verified}`,
    ...differing.map(({ name }) => `  ${name}: ${bad('differs')}: vipair tables ${name} --diff`),
  ].join('\n');
}
