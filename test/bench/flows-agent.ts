/** A program inside a node: makes flows in its kernel at a pace, ends them, and writes down when it hears of others'. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseIp } from '../../src/base/ip.js';
import type { Ip } from '../../src/base/ip.js';
import { invariant } from '../../src/base/unreachable.js';
import { BACK_ADDRESSES, VIRTUAL_CIDRS } from '../../src/lab/topology.js';
import { NetlinkFlowTable } from '../../src/os/flow-table.js';
import { MOST_FLOWS_AT_ONCE } from '../../src/ports/flow-table.js';
import type { Flow } from '../../src/wire/conntrack/flow.js';
import { benchPort } from './flows-services.js';
import type { ProgramAnswer } from './inside-program.js';
import { serveAsked } from './inside-program.js';

/** What the bench asks. */
export type AgentAsked =
  /** So many flows, or their ends, a second: when each was told to the kernel, in milliseconds of CLOCK_MONOTONIC. */
  | {
      readonly ask: 'make' | 'end';
      readonly from: number;
      readonly count: number;
      readonly perSecond: number;
    }
  | { readonly ask: 'hear' }
  /** When each flow was heard of for the first time; null: never. */
  | { readonly ask: 'heard'; readonly from: number; readonly count: number }
  | { readonly ask: 'count' };

export interface AgentAnswer extends ProgramAnswer {
  readonly stamps?: readonly (number | null)[];
  readonly count?: number;
}

const TCP = 6;
const ESTABLISHED = 3;
/** Seen reply, assured, confirmed, destination NAT, and both kinds of it done. */
const STATUS = 0x2 | 0x4 | 0x8 | 0x20 | 0x80 | 0x100;
const LASTS_SECONDS = 600;
const CLIENT_PORT = 40_000;
const TICK_MS = 2;
const NANOS_A_MILLI = 1e6;
const MILLIS = 1_000;
const BYTE = 256;
/** Every client has an address of its own, from 10.100.0.0 on. */
const FIRST_NETWORK = 100;

function now(): number {
  return Number(process.hrtime.bigint()) / NANOS_A_MILLI;
}

function clientOf(number: number): Ip {
  const low = [number >>> 8, number].map((each) => each % BYTE);
  const text = ['10', FIRST_NETWORK + Math.floor(number / (BYTE * BYTE)), ...low].join('.');
  const parsed = parseIp(text);
  invariant(parsed.ok, 'the addresses of the bench are well formed');
  return parsed.value;
}

function numberOf(client: Ip): number {
  const [ten, network, high, low] = client.split('.').map(Number);
  return ten === 10 && network !== undefined && network >= FIRST_NETWORK
    ? (network - FIRST_NETWORK) * BYTE * BYTE + (high ?? 0) * BYTE + (low ?? 0)
    : -1;
}

function flowOf(number: number): Flow {
  const client = clientOf(number);
  const port = benchPort();
  const direction = { windowScale: 7, flags: 0x03 };
  return {
    protocol: TCP,
    zone: 0,
    original: {
      ...{ source: client, sourcePort: CLIENT_PORT },
      ...{ destination: VIRTUAL_CIDRS.ipv4.address, destinationPort: port },
    },
    reply: {
      ...{ source: BACK_ADDRESSES.ipv4.s1, sourcePort: port },
      ...{ destination: client, destinationPort: CLIENT_PORT },
    },
    status: STATUS,
    timeout: LASTS_SECONDS,
    mark: 0,
    tcp: { state: ESTABLISHED, original: direction, reply: direction },
  };
}

class Agent {
  readonly #table: NetlinkFlowTable;
  readonly #heard = new Map<number, number>();

  constructor(table: NetlinkFlowTable) {
    this.#table = table;
  }

  async answer(asked: AgentAsked): Promise<AgentAnswer> {
    switch (asked.ask) {
      case 'make':
      case 'end':
        return { stamps: await this.#pace(asked) };
      case 'hear':
        return this.#hear();
      case 'heard':
        return {
          stamps: [...Array.from({ length: asked.count }).keys()].map(
            (index) => this.#heard.get(asked.from + index) ?? null,
          ),
        };
      case 'count': {
        const room = this.#table.room();
        return room.ok ? { count: room.value.flows } : { problem: JSON.stringify(room.error) };
      }
      default:
        return asked satisfies never;
    }
  }

  /** Never behind by more than it can make up for at once: what was asked for may be more than there is time for. */
  async #pace({
    ask,
    from,
    count,
    perSecond,
  }: Extract<AgentAsked, { readonly ask: 'make' | 'end' }>): Promise<readonly number[]> {
    const flows = [...Array.from({ length: count }).keys()].map((index) => flowOf(from + index));
    const stamps: number[] = [];
    const beganAt = now();
    while (stamps.length < count) {
      const due = Math.min(count, Math.ceil(((now() - beganAt) * perSecond) / MILLIS));
      while (stamps.length < due) {
        const batch = flows.slice(stamps.length, Math.min(due, stamps.length + MOST_FLOWS_AT_ONCE));
        const at = now();
        const told =
          ask === 'make' ? await this.#table.put(batch, 'create') : await this.#table.remove(batch);
        if (!told.ok || told.value.length > 0) {
          throw new Error(JSON.stringify(told.ok ? told.value[0] : told.error));
        }
        stamps.push(...batch.map(() => at));
      }
      await sleep(TICK_MS);
    }
    return stamps;
  }

  #hear(): AgentAnswer {
    const joined = this.#table.hear({
      happened: (events) => {
        const at = now();
        for (const { kind, flow } of events) {
          const number = numberOf(flow.original.source);
          if (kind === 'is' && number >= 0 && !this.#heard.has(number)) {
            this.#heard.set(number, at);
          }
        }
      },
      // What is missing shows as such in the figures.
      lost: () => undefined,
    });
    return joined.ok ? {} : { problem: JSON.stringify(joined.error) };
  }
}

const table = NetlinkFlowTable.open();
invariant(table.ok, 'the bench may open the table of flows');
const agent = new Agent(table.value);
serveAsked((asked: AgentAsked) => agent.answer(asked));
