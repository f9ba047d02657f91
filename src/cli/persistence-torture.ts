/** What `vipair lab persistence --torture` says: a line for each round, and in the end how quickly the rows were alike again. */
import type { Tortured } from '../lab/persistence/torture.js';
import { renderTable } from './table.js';

export function roundText({ round, blows, visits, alikeAfterMs, problem }: Tortured): string {
  const struck = blows.map(({ name, node }) => `${name} on ${node}`).join(', ');
  const outcome = problem ?? `alike after ${((alikeAfterMs ?? 0) / 1_000).toFixed(1)} s`;
  return `${String(round).padStart(4)}  ${struck === '' ? 'nothing' : struck}; ${String(visits)} visits; ${outcome}`;
}

/** By what struck; a round that was struck twice counts for both. */
export function tortureText(seen: readonly Tortured[]): string {
  const names = [...new Set(seen.flatMap(({ blows }) => blows.map(({ name }) => name)))];
  const rows = names.toSorted().map((name) => {
    const rounds = seen.filter(({ blows }) => blows.some((each) => each.name === name));
    const times = rounds
      .flatMap(({ alikeAfterMs }) => alikeAfterMs ?? [])
      .toSorted((a, b) => a - b);
    const bad = rounds.filter(({ verdict }) => verdict === 'not as expected').length;
    const at = (share: number): string =>
      (times[Math.floor((times.length - 1) * share)] ?? 0).toFixed(0);
    return [name, String(rounds.length), at(0.5), at(1), String(bad)];
  });
  const table = renderTable(
    ['STRUCK BY', 'ROUNDS', 'ALIKE AFTER ms, MEDIAN', 'MAX', 'NOT ALIKE'],
    rows,
  );
  const bad = seen.filter(({ verdict }) => verdict === 'not as expected').length;
  return `${table}\n\n${String(seen.length)} rounds, ${String(bad)} not as expected.`;
}
