/** What happens to the services of a simulated pair, beside its faults: to servers, by operators, and to the kernel's rules. */
import * as fc from 'fast-check';
import { millis } from '../../src/base/time.js';
import { keyOf } from '../../src/core/intents.js';
import type { Spans } from './faults.js';
import type { SimMachine } from './machine.js';
import { servicesFor, WEIGHTS } from './service-settings.js';
import type { World } from './world.js';

export const DEED_KINDS = [
  'server-lost',
  'server-lost-to-both',
  'server-admin',
  'server-weight',
  'servers-rewritten',
  'rules-refused',
  'rules-flushed',
] as const;

export interface Deed {
  /** Milliseconds after the pair is up. */
  readonly at: number;
  readonly kind: (typeof DEED_KINDS)[number];
  readonly node: 0 | 1;
  /** Of all servers of both services. */
  readonly server: number;
  /** Milliseconds until it is undone; it chooses what an operator says, too. */
  readonly lasting: number;
}

const SERVERS = servicesFor('usual').flatMap(({ name, servers }) =>
  servers.map((each) => ({ name: `${name}/${each.name}`, address: each.address })),
);

/** Spread over a schedule of several faults; some come when its time of faults is over, and are no more. */
export function anyDeeds({ longestPause, longestFault }: Spans): fc.Arbitrary<readonly Deed[]> {
  return fc.array(
    fc.record({
      at: fc.integer({ min: 0, max: 3 * longestPause + longestFault }),
      kind: fc.constantFrom(...DEED_KINDS),
      node: fc.constantFrom<0 | 1>(0, 1),
      server: fc.nat({ max: SERVERS.length - 1 }),
      lasting: fc.integer({ min: 1, max: longestFault }),
    }),
    { maxLength: 8 },
  );
}

export function arrange(world: World, deeds: readonly Deed[]): void {
  for (const deed of deeds) {
    world.scheduler.after(millis(deed.at), () => {
      if (!world.healed) {
        world.note(`--- ${deed.kind} ${JSON.stringify(deed)}`);
        perform(world, deed);
        world.scheduler.answered();
      }
    });
  }
}

function perform(world: World, { kind, node, server, lasting }: Deed): void {
  const machine = world.machines[node];
  const { name, address } = SERVERS[server]!;
  const heal = (mend: () => void): void => {
    world.scheduler.after(millis(lasting), mend);
  };
  const lose = ({ services }: SimMachine): void => {
    services.lost.add(address);
    heal(() => {
      services.lost.delete(address);
    });
  };
  const deeds: Record<Deed['kind'], () => void> = {
    'server-lost': () => {
      lose(machine);
    },
    'server-lost-to-both': () => {
      world.machines.forEach(lose);
    },
    'server-admin': () => {
      const said = ['ready', 'drain', 'maint', 'ready'][lasting % 4] ?? 'ready';
      void machine.daemon?.intents.give(keyOf(name, 'admin'), said);
    },
    'server-weight': () => {
      const said = ['0', '50%', '100%', '200'][lasting % 4] ?? '100%';
      void machine.daemon?.intents.give(keyOf(name, 'weight'), said);
    },
    // On one node: its operator comes to the other one later, or never.
    'servers-rewritten': () => {
      machine.weights = WEIGHTS[lasting % WEIGHTS.length] ?? 'usual';
      machine.reload();
    },
    'rules-refused': () => {
      machine.services.rules.refusal = { code: 'refused', detail: 'simulated failure' };
      heal(() => {
        machine.services.rules.refusal = undefined;
      });
    },
    'rules-flushed': () => {
      machine.services.flush();
    },
  };
  deeds[kind]();
}
