/** The flow replicator as the daemon has it: a process that is watched, and told whose addresses this node has. */
import type { Clock } from '../ports/clock.js';
import type { FlowDuty, FlowOrders } from '../ports/flow-replicator.js';
import type { Replicators } from '../ports/replicator.js';
import type { Log } from '../telemetry/events.js';
import type { FlowReplicationStatus, FlowsReport } from '../telemetry/flows.js';
import { readFlowsReport } from '../wire/pair/flows-report.js';
import type { EventLimits } from './event-limits.js';
import { flowSelection } from './flow-orders.js';
import { ProcessWatch } from './process-watch.js';

export interface FlowWatchPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly replicators: Replicators;
  /** A line of its own log. */
  readonly passOn: (line: string) => void;
  /** There is a new report, or none any more. */
  readonly reported: () => void;
  /** What it is to know now. */
  readonly duty: () => FlowDuty;
  /** What the kernel is told of the same flows: programs that change it are no business of a process without rights. */
  readonly limits: Pick<EventLimits, 'want' | 'refused'>;
}

export class FlowWatch {
  readonly #ports: FlowWatchPorts;
  readonly #watch: ProcessWatch<FlowsReport>;
  readonly #filter: FlowOrders['filter'];
  /** What it was told last, and of what the kernel was. */
  #told = '';
  #selected = '';
  #verdict: 'equal' | 'differs' = 'equal';
  #room: 'enough' | 'scarce' | 'none' = 'enough';
  #counted = { refused: 0, overflows: 0 };

  constructor(orders: Omit<FlowOrders, 'duty'>, ports: FlowWatchPorts) {
    const { log } = ports;
    this.#ports = ports;
    this.#filter = orders.filter;
    this.#watch = new ProcessWatch<FlowsReport>(
      {
        orders: () => {
          const duty = ports.duty();
          this.#told = JSON.stringify(duty);
          this.#counted = { refused: 0, overflows: 0 };
          return JSON.stringify({ ...orders, duty });
        },
        read: readFlowsReport,
        heard: () => 'not understood',
        reported: (report) => {
          if (report !== undefined) {
            this.#tell(report);
          }
          ports.reported();
        },
        gone: () => undefined,
        silent: (forMs) => {
          log.tell({ event: 'flows.silent', forMs });
        },
        ended: (how, retryInMs) => {
          log.tell({ event: 'flows.ended', how, retryInMs });
        },
      },
      ports,
    );
  }

  begin(): void {
    this.#watch.begin();
    this.refresh();
  }

  stop(): void {
    this.#watch.stop();
  }

  status(): FlowReplicationStatus {
    const status = this.#watch.status();
    const { report } = status;
    const refused = [...(report?.refused ?? []), ...this.#ports.limits.refused];
    return report === undefined ? status : { ...status, report: { ...report, refused } };
  }

  /** Something may have changed of what it is to know. */
  refresh(): void {
    const duty = this.#ports.duty();
    const text = JSON.stringify(duty);
    if (text !== this.#selected) {
      this.#selected = text;
      this.#ports.limits.want(flowSelection(this.#filter, duty));
    }
    if (text !== this.#told && this.#watch.tell(text) === 'told') {
      this.#told = text;
    }
  }

  /** Once each, when it becomes so. */
  #tell({ sent, refused, table }: FlowsReport): void {
    const { log } = this.#ports;
    const { verdict } = sent.verified;
    if (verdict !== 'unknown' && verdict !== this.#verdict) {
      this.#verdict = verdict;
      log.tell({ event: verdict === 'differs' ? 'flows.diverged' : 'flows.equal-again' });
    }
    const count = refused.reduce((sum, each) => sum + each.count, 0);
    const latest = refused.at(-1);
    if (count > 0 && this.#counted.refused === 0 && latest !== undefined) {
      log.tell({ event: 'flows.refused', why: latest.code, example: latest.detail });
    }
    if (sent.overflows > this.#counted.overflows) {
      log.tell({ event: 'flows.overflow', times: sent.overflows });
    }
    this.#counted = { refused: count, overflows: sent.overflows };
    this.#tellRoom(table);
  }

  #tellRoom(table: FlowsReport['table']): void {
    if (table === undefined) {
      return;
    }
    const { flows, most } = table;
    const room = roomIn(flows / most, this.#room);
    if (room !== this.#room) {
      this.#room = room;
      const event = room === 'enough' ? 'flows.table-has-room' : 'flows.table-nearly-full';
      this.#ports.log.tell({ event, flows, most });
    }
  }
}

/** There is room again only well below, or a table at the brink would be told of again and again. */
function roomIn(full: number, before: 'enough' | 'scarce' | 'none'): 'enough' | 'scarce' | 'none' {
  if (full >= FULL) {
    return 'none';
  }
  if (full >= NEARLY_FULL) {
    return before === 'none' ? 'none' : 'scarce';
  }
  return full >= ROOM_AGAIN ? before : 'enough';
}

const FULL = 0.95;
const NEARLY_FULL = 0.8;
const ROOM_AGAIN = 0.7;
