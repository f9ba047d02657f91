/** `vipair status`: what both nodes do, why, and how well. One file a section. */
import { setTimeout as pause } from 'node:timers/promises';
import { askPair } from '../../api/client.js';
import type { PairReport } from '../../telemetry/status.js';
import { reportFailure, socketOf } from '../asking.js';
import type { Asked } from '../commands.js';
import type { ExitCode } from '../exit-codes.js';
import { EXIT } from '../exit-codes.js';
import { strong } from '../paint.js';
import { clearScreen, print, printJson } from '../terminal.js';
import { drillLines } from './drill.js';
import { generationLines } from './generation.js';
import { groupDetail, groupsTable } from './groups.js';
import { intentsLine } from './intents.js';
import { loopLine, moves, pairLine, proxyLine } from './node.js';
import { ordersLines } from './orders.js';
import { serversSection } from './servers.js';
import { servicesSection } from './services.js';
import { sideBySide } from './side-by-side.js';
import { flowsLine } from './flows.js';
import { tablesLines } from './tables.js';
import { time } from './time.js';
import { underWayLines } from './under-way.js';

/** `--watch` goes on until it is interrupted, or the daemon is gone. */
export async function status(asking: Asked, mode: 'once' | 'watch'): Promise<ExitCode> {
  const socket = socketOf(asking);
  for (;;) {
    const answer = await askPair(socket);
    if (!answer.ok) {
      return reportFailure(answer.error, asking.form);
    }
    if (mode === 'watch' && asking.form === 'text') {
      clearScreen();
    }
    if (asking.form === 'json') {
      printJson(answer.value);
    } else {
      print(renderStatus(answer.value));
    }
    if (mode === 'once') {
      return EXIT.ok;
    }
    await pause(WATCH_EVERY_MS);
  }
}

const WATCH_EVERY_MS = 1000;

/** The whole page. */
export function renderStatus(report: PairReport): string {
  const sections = [
    `${strong(report.node)}  vipair ${report.version}, pid ${String(report.pid)}, since ${time(report.startedAt)}`,
    groupsTable(report.groups),
    ordersLines(report, report.peer),
    drillLines(report),
    underWayLines(report),
    sideBySide(report),
    ...report.groups.map(groupDetail),
    proxyLine(report.proxy),
    serversSection(report.servers, report.peer?.node),
    servicesSection(report.services, report.peer?.node),
    tablesLines(report.replication),
    flowsLine(report.flows),
    intentsLine(report.intents),
    pairLine(report.pair),
    generationLines(report.generation),
    loopLine(report.loop),
    moves(report.history),
  ];
  return sections.filter((section) => section !== '').join('\n\n');
}
