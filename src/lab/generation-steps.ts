/** What an operator changes in the configuration of a pair, one thing after the other. */
import type { NodeName } from './topology.js';
import { NODE_NAMES } from './topology.js';

export interface GenerationStep {
  readonly name: string;
  /** One sentence for the operator who watches. */
  readonly story: string;
  /** What becomes of the file of these nodes. */
  edit(text: string): string;
  readonly edited: (parties: GenerationParties) => readonly NodeName[];
  /** Which node is told to reload. */
  readonly asked: 'owner' | 'other';
  /** Whether the pair channel is cut once the other node is ready, and healed afterwards. */
  readonly channel: 'whole' | 'cut';
  /** `either`: nobody can know whether the other one switched, so both are right that stay or both that do. */
  readonly expected: 'refused' | 'switched' | 'either';
}

export interface GenerationParties {
  readonly owner: NodeName;
  readonly other: NodeName;
}

/** An address that nobody in a lab has. */
export const FURTHER_ADDRESS = '10.77.0.200/24';

const bothNodes = (): readonly NodeName[] => NODE_NAMES;

/** `interval`: the one that the lab was raised with, in milliseconds. */
export function generationSteps(interval: number): readonly GenerationStep[] {
  const vrid = (to: number) => (text: string) => text.replace(/vrid: \d+/u, `vrid: ${String(to)}`);
  const common = { edited: bothNodes, asked: 'owner', channel: 'whole' } as const;
  return [
    {
      ...common,
      name: 'VRID, one file',
      story: 'another VRID in the file of the owner alone, and vipair reload there',
      edit: vrid(77),
      edited: ({ owner }) => [owner],
      expected: 'refused',
    },
    {
      ...common,
      name: 'VRID, both files',
      story: 'the same in the other file as well, and vipair reload again',
      edit: vrid(77),
      expected: 'switched',
    },
    {
      ...common,
      name: 'address added',
      story: 'a second address on both, and vipair reload on the node that is not the owner',
      edit: (text) => text.replace('addresses: [', `addresses: [${FURTHER_ADDRESS}, `),
      asked: 'other',
      expected: 'switched',
    },
    {
      ...common,
      name: 'address removed',
      story: 'it goes again; the first is not touched',
      edit: (text) => text.replace(`addresses: [${FURTHER_ADDRESS}, `, 'addresses: ['),
      expected: 'switched',
    },
    {
      ...common,
      name: 'interval',
      story: 'adverts twice as far apart',
      edit: (text) =>
        text.replace(/advert_interval: \d+ms/u, `advert_interval: ${String(interval * 2)}ms`),
      asked: 'other',
      expected: 'switched',
    },
    {
      ...common,
      name: 'channel cut meanwhile',
      story: 'another VRID on both; the cable between them is pulled as they are about to switch',
      edit: vrid(78),
      channel: 'cut',
      expected: 'either',
    },
  ];
}
