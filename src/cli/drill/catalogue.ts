/** `vipair drill list` and `show`: what drills there are, what each does, what must happen, and how it is undone. */
import type { DrillDefinition } from '../../core/drill-catalogue.js';
import { DRILL_NAMES, DRILLS } from '../../core/drill-catalogue.js';
import { isDrill, unknownDrill } from '../../core/drill-plan.js';
import type { ExitCode } from '../exit-codes.js';
import { EXIT } from '../exit-codes.js';
import { strong } from '../paint.js';
import { renderTable } from '../table.js';
import type { OutputForm } from '../terminal.js';
import { complain, print, printJson } from '../terminal.js';

export function drillList(form: OutputForm): ExitCode {
  if (form === 'json') {
    printJson(DRILL_NAMES.map((name) => ({ name, ...shown(DRILLS[name]) })));
    return EXIT.ok;
  }
  const rows = DRILL_NAMES.map((name) => {
    const { to, expected, where } = DRILLS[name];
    return [
      name,
      to,
      where === 'simulator' ? 'simulator only' : EXPECTED[expected],
      DRILLS[name].summary,
    ];
  });
  print(renderTable(['DRILL', 'DONE TO', 'THE GROUP', 'WHAT IT DOES'], rows));
  print(
    '\nMore of each: vipair drill show NAME. In this order an operator would dare to try them.',
  );
  return EXIT.ok;
}

export function drillShow(name: string, form: OutputForm): ExitCode {
  if (!isDrill(name)) {
    complain(`vipair drill show: ${unknownDrill(name)}`);
    return EXIT.usage;
  }
  const drill = DRILLS[name];
  if (form === 'json') {
    printJson({ name, ...shown(drill) });
    return EXIT.ok;
  }
  print(
    [
      strong(name),
      `  what it does   ${drill.summary}`,
      `  done to        the ${drill.to}`,
      `  must happen    ${drill.must}`,
      `  how undone     ${drill.undo}`,
      `  needs          ${drill.needs.length === 0 ? 'nothing in particular' : drill.needs.map((need) => NEEDS[need]).join(', ')}`,
      ...(drill.consent === 'really' ? ['  consent        --really'] : []),
      drill.where === 'simulator'
        ? `  where          in the simulator alone: npm run sim -- --drill ${name}`
        : `  begin it       vipair drill run ${name}`,
    ].join('\n'),
  );
  return EXIT.ok;
}

function shown({
  summary,
  must,
  undo,
  needs,
  where,
  consent,
  to,
  expected,
}: DrillDefinition): object {
  return { summary, must, undo, needs, where, consent, to, expected };
}

const EXPECTED = { moves: 'moves', 'may-move': 'may move', stays: 'stays' } as const;

const NEEDS: Readonly<Record<DrillDefinition['needs'][number], string>> = {
  'ready-backup': 'a backup that could take over',
  channel: 'the pair channel',
  reachability: 'a group that watches its neighbours',
  proxy: 'a proxy',
  'supervised-proxy': 'a proxy that vipair starts itself (run: supervised)',
  servers: 'servers whose addresses haproxy.cfg has',
  'all-servers': 'no servers by name',
  'tracked-backends': 'a group that tracks the proxy’s backends',
  tables: 'stick tables that are replicated, and equal',
  'state-disk': 'a state directory on a file system of its own',
  'power-commands': 'commands that take a node’s power and give it back (drills.power)',
};
