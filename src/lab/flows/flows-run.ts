/** The runs of the lab of flows: who replicates the flows of which services, in a lab of its own. */
import type { Family } from '../../base/ip.js';
import type { Centis } from '../../base/time.js';
import type { LabSettings } from '../settings.js';
import { defaultSettings } from '../settings.js';
import type { LabName } from '../topology.js';
import { conntrackdFiles, notifyLines } from './conntrackd.js';
import type { FlowService } from './flow-services.js';
import { flowServices, servicesSection } from './flow-services.js';

/**
 * Who tells the other node of the flows. conntrackd as its documentation advises, with a cache that a script puts into the
 * kernel at a take-over; and `conntrackd-direct` without one (DisableExternalCache), as vipair does it.
 */
export const FLOW_ARMS = ['vipair', 'nobody', 'conntrackd', 'conntrackd-direct'] as const;
export type FlowArm = (typeof FLOW_ARMS)[number];

export interface FlowsRun {
  readonly name: string;
  readonly story: string;
  readonly engine: LabSettings['engine'];
  /** Undefined: vipair itself, or nobody. */
  readonly rival: Rival | undefined;
  readonly families: readonly Family[];
  readonly services: readonly FlowService[];
  /** Of each protocol, over all services of an arm. */
  readonly count: number;
}

export interface FlowsPlan {
  readonly families: readonly Family[];
  readonly count: number;
  readonly arms: readonly FlowArm[];
  /** `one lab`: what is replicated and what is not lose the same node, which takes half the time. */
  readonly apart: 'a lab each' | 'one lab';
}

export function flowsRuns({ families, count, arms, apart }: FlowsPlan): readonly FlowsRun[] {
  const ours = arms.filter((arm) => arm === 'vipair' || arm === 'nobody').map(isOurs);
  const each = apart === 'one lab' ? [ours] : ours.map((replicated) => [replicated]);
  const common = { families, count };
  return [
    ...each
      .filter((replicated) => replicated.length > 0)
      .map((replicated): FlowsRun => ({
        ...common,
        ...tellOf(replicated),
        engine: 'vipair',
        services: flowServices(families, replicated),
        rival: undefined,
      })),
    ...RIVALS.filter(({ rival }) => arms.includes(rival)).map((told) => ({
      ...common,
      ...told,
      engine: 'keepalived' as const,
      services: flowServices(families, [true]),
    })),
  ];
}

type Rival = Exclude<FlowArm, 'vipair' | 'nobody'>;

const RIVALS: readonly { readonly rival: Rival; readonly name: string; readonly story: string }[] =
  [
    {
      rival: 'conntrackd',
      name: 'rival',
      story:
        'keepalived and conntrackd as its documentation advises, services as rules of nftables',
    },
    {
      rival: 'conntrackd-direct',
      name: 'direct',
      story: 'the same with DisableExternalCache: conntrackd puts flows into the kernel at once',
    },
  ];

function isOurs(arm: FlowArm): boolean {
  return arm === 'vipair';
}

function tellOf(replicated: readonly boolean[]): Pick<FlowsRun, 'name' | 'story'> {
  if (replicated.length > 1) {
    return { name: 'both', story: 'vipair, with replicate_flows and without, side by side' };
  }
  return replicated.includes(true)
    ? { name: 'kept', story: 'vipair' }
    : { name: 'lost', story: 'vipair without replicate_flows' };
}

export function armOf({ rival }: FlowsRun, { replicated }: FlowService): FlowArm {
  return rival ?? (replicated ? 'vipair' : 'nobody');
}

export function flowsSettings(
  { engine, families, services, rival }: FlowsRun,
  lab: LabName,
  advertInterval: Centis,
): LabSettings {
  const usual = defaultSettings(lab);
  const common = { ...usual, advertInterval, families, backLan: 'there' as const, engine };
  return engine === 'vipair'
    ? { ...common, pairChannel: 'open', furtherVipair: servicesSection(services) }
    : {
        ...common,
        furtherFiles: conntrackdFiles(lab, rival === 'conntrackd' ? 'external' : 'none'),
        keepalived: {
          ...usual.keepalived,
          further: { lb1: notifyLines(lab, 'lb1'), lb2: notifyLines(lab, 'lb2') },
        },
      };
}
