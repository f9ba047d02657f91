/** `vipair history`: how the groups moved, as both nodes remember it, over restarts, with what led to each move. */
import { askHistory } from '../api/client.js';
import { nameOf } from '../operator/merged-history.js';
import type { GroupMove, HistoryPart, PairHistory, Transition } from '../telemetry/transition.js';
import { isLimitRight, reportFailure, socketOf } from './asking.js';
import type { HistoryAsked } from './commands.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { moveDetails, timeTaken, transitionDetails } from './history-details.js';
import { doubtful, strong } from './paint.js';
import { paintRole } from './status/groups.js';
import { time } from './status/time.js';
import { renderTable } from './table.js';
import { complain, print, printJson } from './terminal.js';

export async function history(asked: HistoryAsked): Promise<ExitCode> {
  if (!isLimitRight(asked.limit)) {
    return EXIT.usage;
  }
  const { group, limit, node } = asked;
  const answer = await askHistory(socketOf(asked), { group, limit, node });
  if (!answer.ok) {
    return reportFailure(answer.error, asked.form);
  }
  if (asked.form === 'json') {
    printJson(answer.value);
    return EXIT.ok;
  }
  const entries = entriesOf(answer.value);
  if (entries.length > 0) {
    print(asked.depth === 'details' ? renderDetails(entries) : renderHistory(entries));
  }
  for (const each of answer.value.parts.flatMap(complaintsOf)) {
    complain(doubtful(each));
  }
  return EXIT.ok;
}

/** A move with what both nodes tell of it, or a transition that is no part of one. */
type Entry =
  | {
      readonly kind: 'move';
      readonly move: GroupMove;
      readonly claim: Transition;
      readonly letGo: readonly Transition[];
    }
  | { readonly kind: 'transition'; readonly transition: Transition };

/** Oldest first; a move stands where it was claimed. */
function entriesOf({ transitions, moves }: PairHistory): readonly Entry[] {
  const byName = new Map(transitions.map((each) => [nameOf(each), each]));
  const byClaim = new Map(moves.map((each) => [nameOf(each.claim), each]));
  const parts = new Set(moves.flatMap(({ letGo }) => letGo.map(nameOf)));
  return transitions
    .filter((each) => !parts.has(nameOf(each)))
    .map((each) => {
      const move = byClaim.get(nameOf(each));
      const letGo = move?.letGo.flatMap((name) => byName.get(nameOf(name)) ?? []) ?? [];
      return move === undefined
        ? { kind: 'transition', transition: each }
        : { kind: 'move', move, claim: each, letGo };
    });
}

/** One line each. */
function renderHistory(entries: readonly Entry[]): string {
  const rows = entries.map((entry) =>
    entry.kind === 'move' ? moveRow(entry) : transitionRow(entry.transition),
  );
  return renderTable(['TIME (UTC)', 'GROUP', 'WHAT', 'TOOK', 'CAUSE'], rows);
}

/** A paragraph each. */
function renderDetails(entries: readonly Entry[]): string {
  return entries
    .map((entry) =>
      entry.kind === 'move' ? moveDetails(entry) : transitionDetails(entry.transition),
    )
    .join('\n\n');
}

function moveRow({ move, claim, letGo }: Extract<Entry, { kind: 'move' }>): readonly string[] {
  const causes = [...letGo.slice(0, 1), claim].map(({ cause }) => cause);
  return [
    time(claim.at),
    move.group,
    strong(`${move.from} → ${move.to}`),
    timeTaken(claim.phases),
    causes.join('; '),
  ];
}

function transitionRow(each: Transition): readonly string[] {
  return [
    time(each.at),
    each.group,
    `${each.node}: ${each.from} → ${paintRole(each.to)}`,
    timeTaken(each.phases),
    each.cause,
  ];
}

function complaintsOf({ node, kept, problem }: HistoryPart): readonly string[] {
  return [
    ...(problem === undefined ? [] : [`what ${node} remembers is missing: ${problem}`]),
    ...(kept === 'being read' ? [`${node}: ${STILL_READ}`] : []),
    ...(kept === 'memory only' ? [`${node}: ${NOT_KEPT}`] : []),
  ];
}

const STILL_READ = 'what former daemons kept is still being read';
const NOT_KEPT =
  'the disk does not take the history: what is newer than the last failure is in memory only (vipair events says why)';
