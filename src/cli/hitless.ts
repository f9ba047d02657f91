/** `vipair lab hitless`: switchovers back and forth under clients that stay, and keepalived's graceful stop beside it. */
import type { Result } from '../base/result.js';
import { millis, millisToCentis } from '../base/time.js';
import type { Centis } from '../base/time.js';
import { invariant } from '../base/unreachable.js';
import { parseDuration } from '../config/duration.js';
import type { LabFailure } from '../lab/failure.js';
import { seeHitless } from '../lab/hitless/hitless.js';
import type { HitlessSeen, Quantiles } from '../lab/hitless/judgement.js';
import { raiseLab, removeLab } from '../lab/raise.js';
import type { Engine } from '../lab/settings.js';
import { defaultSettings } from '../lab/settings.js';
import { parseLabName } from '../lab/topology.js';
import type { LabHitlessAsked } from './commands.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { reportLabFailure } from './lab.js';
import type { MigratePorts } from './migrate.js';
import { bad, good } from './paint.js';
import type { Telling } from './pair-lab.js';
import { renderTable } from './table.js';
import { complain, print, printJson } from './terminal.js';

export interface HitlessRequest extends LabHitlessAsked {
  /** Makes the labs' names this run's own. */
  readonly pid: number;
}

/** Exit code 1 where vipair broke its promise, or the lab shows nothing; what breaks with keepalived is shown beside it. */
export async function labHitless(asked: HitlessRequest, ports: MigratePorts): Promise<ExitCode> {
  const interval = parseDuration(asked.adverts);
  const { rounds } = asked;
  if (!interval.ok) {
    complain(`vipair lab hitless: --adverts ${asked.adverts}: ${interval.error}`);
    return EXIT.usage;
  }
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > MOST_ROUNDS) {
    complain(`vipair lab hitless: --rounds: expected 1 to ${String(MOST_ROUNDS)}`);
    return EXIT.usage;
  }
  const tell = asked.form === 'text' ? print : complain;
  const within = {
    asked,
    advertInterval: millisToCentis(interval.value),
    telling: { ports, tell },
  };
  const ours = await inLab('vipair', rounds, within);
  if (!ours.ok) {
    return reportLabFailure(ours.error);
  }
  const others =
    asked.rival === 'none' || ports.signal.aborted
      ? undefined
      : await inLab('keepalived', Math.min(rounds, RIVAL_ROUNDS), within);
  if (others?.ok === false) {
    return reportLabFailure(others.error);
  }
  const seen = [ours.value, ...(others === undefined ? [] : [others.value])];
  if (asked.form === 'json') {
    printJson({ advertIntervalMs: interval.value, proxyRun: asked.proxyRun, seen });
  } else {
    print(`\n${report(seen)}\n`);
  }
  return seen.every(({ verdict }) => verdict === 'as expected') ? EXIT.ok : EXIT.failed;
}

interface Within {
  readonly asked: HitlessRequest;
  readonly advertInterval: Centis;
  readonly telling: Telling;
}

async function inLab(
  engine: Engine,
  rounds: number,
  { asked, advertInterval, telling: { ports, tell } }: Within,
): Promise<Result<HitlessSeen, LabFailure>> {
  const name = parseLabName(`${NAMES[engine]}-${String(asked.pid)}`);
  invariant(name.ok, 'the lab of this command is named well');
  const adopts = engine === 'vipair' && asked.proxyRun === 'systemd';
  const how = adopts ? ', which adopts a HAProxy that it has not started' : '';
  tell(`Building a lab: a pair of ${engine}${how}, both families, a client, two web servers.`);
  const raised = await raiseLab(
    {
      ...defaultSettings(name.value),
      ...{ engine, advertInterval, families: ['ipv4', 'ipv6'] },
      ...(engine === 'vipair'
        ? { pairChannel: 'open', proxyRun: asked.proxyRun }
        : { pairChannel: 'none' }),
      // It is clients' connections that a move could break; one to a server for each would cost as much again.
      serverConnections: 'shared',
    },
    ports,
  );
  if (!raised.ok) {
    return raised;
  }
  try {
    const options = { rounds, each: STREAMS_OF_A_KIND, every: millis(NEW_CONNECTION_EVERY_MS) };
    return await seeHitless(raised.value, options, { ...ports, tell });
  } finally {
    const removed = await removeLab(name.value, ports);
    tell(removed.ok ? 'Nothing of the lab is left.' : `Not all gone: ${removed.error.detail}`);
  }
}

/** The whole page. */
export function report(seen: readonly HitlessSeen[]): string {
  const rows = seen.flatMap(({ engine, moves, kinds, connections }) => [
    ...kinds.map(({ kind, streams, exchanges, broken, corrupt, gap }) => [
      ...[engine, String(moves), `${String(streams)} × ${kind}`, String(exchanges)],
      ...[String(broken), String(corrupt), '', ...gapCells(gap)],
    ]),
    [
      ...[engine, String(moves), 'new connections', String(connections.opened)],
      ...['', '', String(connections.failed), ...gapCells(connections.gap)],
    ],
  ]);
  const head = ['', 'MOVES', 'CLIENTS', 'EXCHANGES', 'BROKEN', 'CORRUPT', 'FAILED'];
  const verdicts = seen.map(({ engine, verdict, wrong }) => {
    if (verdict !== 'as expected') {
      return `${engine}: ${bad(wrong.join('; '))}`;
    }
    return engine === 'keepalived'
      ? 'keepalived: its graceful stop; what breaks and fails is shown and not judged'
      : `vipair: ${good('nothing broken, nothing corrupt, nothing failed')}`;
  });
  const rates = seen.map(
    ({ engine, connections: { asked, made, late } }) =>
      `${engine}: ${String(made)} new connections a second of ${String(asked)} asked for, begun up to ${late.max.toFixed(1)} ms late (99 of 100: ${late.p99.toFixed(1)} ms)`,
  );
  return [
    renderTable([...head, 'GAP P50', 'P99', 'MAX'], rows),
    '',
    ...verdicts,
    ...rates,
    '',
    'gap: the longest that each client waited for an answer around each move, in ms; of new connections, the longest time in',
    'which none was answered. A stream that broke is opened again.',
  ].join('\n');
}

function gapCells({ p50, p99, max }: Quantiles): readonly string[] {
  return [p50, p99, max].map((each) => each.toFixed(1));
}

const NAMES: Readonly<Record<Engine, string>> = { vipair: 'hitless', keepalived: 'graceful' };
const MOST_ROUNDS = 1000;
/** All streams break at the first: more of them show nothing more. */
const RIVAL_ROUNDS = 2;
const STREAMS_OF_A_KIND = 10;
const NEW_CONNECTION_EVERY_MS = 1;
