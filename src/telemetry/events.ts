/** Every line vipair can log: a stable name and its fields. Renaming one is a breaking change. */
import type { Millis } from '../base/time.js';
import type { DrainNotice } from '../core/drain.js';
import type { Notice } from '../core/notice.js';
import type { ServiceEvent } from './services.js';

export interface Log {
  /** Writes one event; its level belongs to the event, see {@link levelOf}. Never blocks, never throws. */
  tell(event: LogEvent): void;
}

/**
 * *error*: a person must act. *warn*: service or redundancy is at risk. *info*: a role, a peer or the configuration
 * changed. *debug*: the rest.
 */
export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

export type LogEvent = Notice | DaemonEvent | ServiceEvent;

type DaemonEvent =
  | {
      readonly event: 'daemon.starting';
      readonly pid: number;
      readonly version: string;
    }
  | { readonly event: 'daemon.waiting'; readonly for: string }
  | { readonly event: 'daemon.started'; readonly tookMs: number }
  | { readonly event: 'daemon.stopping'; readonly mode: 'release' | 'hand-over' }
  | { readonly event: 'daemon.stopped' }
  | { readonly event: 'daemon.scheduling'; readonly detail: string }
  | { readonly event: 'daemon.overloaded'; readonly dropped: number }
  | {
      readonly event: 'lease.layers';
      readonly layers: 'lease and backstop';
      readonly detail: string;
    }
  | {
      readonly event: 'lease.layers-reduced';
      readonly layers: 'lease and backstop' | 'backstop only';
      readonly detail: string;
    }
  | { readonly event: 'address.stray'; readonly interface: string; readonly address: string }
  | { readonly event: 'sysctl.refused'; readonly name: string; readonly detail: string }
  /** What it was could not be kept, so it will not be put back. */
  | { readonly event: 'sysctl.unnoted'; readonly name: string; readonly detail: string }
  | { readonly event: 'lease.rules-left'; readonly detail: string }
  | {
      readonly event: 'lease.rules-restored';
      /** Whose renewal has found out. */
      readonly group?: string;
      readonly detail: string;
    }
  /** Somebody else has removed them, and they cannot be put back: nothing silences this node if it freezes. */
  | { readonly event: 'lease.rules-missing'; readonly detail: string }
  | {
      readonly event: 'vrrp.rejected';
      readonly group: string;
      readonly cause: string;
      readonly count: number;
    }
  | {
      readonly event: 'vrrp.checksum-form';
      readonly group: string;
      readonly source: string;
      readonly form: string;
    }
  | {
      readonly event: 'vrrp.addresses-differ' | 'vrrp.interval-differs';
      readonly group: string;
      readonly source: string;
    }
  | { readonly event: 'interface.stray'; readonly interface: string; readonly detail: string }
  | { readonly event: 'probe.failed'; readonly group: string; readonly detail: string }
  | {
      readonly event: 'socket.failed';
      readonly group: string;
      readonly code: string;
      readonly detail: string;
    }
  /** Over a planned move: `left`, this node serves on what it had; `taken`, it passes on what the other one has. */
  | {
      readonly event: 'connections.kept';
      readonly group: string;
      readonly how: 'left' | 'taken';
      readonly lasting: Millis;
    }
  | { readonly event: 'connections.cut'; readonly group: string; readonly detail: string }
  | (DrainNotice & { readonly group: string })
  | { readonly event: 'announce.failed'; readonly group: string; readonly detail: string }
  | {
      readonly event: 'pair.channel';
      readonly peer: string;
      readonly to: 'up' | 'down';
      readonly detail: string;
    }
  /** From then on the channel goes over the second addresses of both nodes, or over the first again. */
  | {
      readonly event: 'pair.path';
      readonly peer: string;
      readonly to: 'preferred' | 'fallback';
      readonly address: string;
    }
  | { readonly event: 'pair.refused'; readonly peer: string; readonly detail: string }
  /** Something that both nodes should have in common, and have not. */
  | { readonly event: 'generation.differs'; readonly peer: string; readonly what: string }
  | { readonly event: 'generation.in-sync'; readonly peer: string }
  | { readonly event: 'reload.applied'; readonly what: string }
  | { readonly event: 'reload.refused'; readonly detail: string }
  /** Files of the proxy came from the other node, or from the push before. */
  | { readonly event: 'push.kept' }
  | { readonly event: 'push.rolled-back'; readonly detail: string }
  /** What was there before could not be put back: a person must look. */
  | { readonly event: 'push.failed'; readonly detail: string }
  /** What a former daemon had not finished. */
  | { readonly event: 'push.recovered'; readonly detail: string }
  /** What became of the files that this node has sent. */
  | {
      readonly event: 'push.sent';
      readonly peer: string;
      readonly outcome: string;
      readonly detail: string;
    }
  /** A switchover was planned, begun, done or cancelled; or dropped. */
  | {
      readonly event: 'schedule.changed' | 'schedule.dropped';
      readonly group: string;
      readonly state: string;
      /** When it is to be, or was. */
      readonly due: string;
      readonly to: string;
      readonly why: string;
    }
  /** The other node asks for a change that both make at the same moment; this one is ready. */
  | { readonly event: 'reload.prepared'; readonly peer: string; readonly what: string }
  /** Both nodes have, as far as is known; so late by this node's clock. */
  | {
      readonly event: 'reload.switched';
      readonly peer: string;
      readonly what: string;
      readonly lateBy: Millis;
    }
  /** What was prepared is not carried out, on neither node. */
  | { readonly event: 'reload.undone'; readonly peer: string; readonly detail: string }
  /** This node has not switched, and perhaps the other one has. */
  | { readonly event: 'reload.doubtful'; readonly peer: string; readonly detail: string }
  /** It had nothing to say for so long, and is ended. */
  | { readonly event: 'replicator.silent'; readonly forMs: number }
  /** Both nodes have compared a stick table and found it otherwise, twice in a row; later: the same again. */
  | { readonly event: 'tables.diverged' | 'tables.equal-again'; readonly table: string }
  | { readonly event: 'replicator.ended'; readonly how: string; readonly retryInMs: number }
  /** The process that copies flows to the other node. */
  | { readonly event: 'flows.silent'; readonly forMs: number }
  | { readonly event: 'flows.ended'; readonly how: string; readonly retryInMs: number }
  /** Both nodes have compared the flows of this one and found them otherwise; later: the same again. */
  | { readonly event: 'flows.diverged' | 'flows.equal-again' }
  /** The other node's, for the first time since that process began. */
  | { readonly event: 'flows.refused'; readonly why: string; readonly example: string }
  /** By which the kernel tells of flows in few words. */
  | { readonly event: 'flows.rules-refused'; readonly detail: string }
  | { readonly event: 'flows.rules-loaded' }
  /** More changed than the link could carry; all was told anew. */
  | { readonly event: 'flows.overflow'; readonly times: number }
  /** The kernel's table. */
  | {
      readonly event: 'flows.table-nearly-full' | 'flows.table-has-room';
      readonly flows: number;
      readonly most: number;
    }
  /** Should the wall clock be set back before the next daemon starts, the peer may not hear its first adverts. */
  | { readonly event: 'signing.not-kept'; readonly group: string; readonly detail: string }
  | { readonly event: 'log.lost'; readonly lines: number }
  /** Transitions stay in memory, and are written with the next one where that goes. */
  | { readonly event: 'history.not-kept'; readonly detail: string }
  /** They are written again; so many lines were too many to wait. */
  | { readonly event: 'history.kept'; readonly dropped: number }
  /** Lines that a crash or somebody damaged, and those of another version. */
  | { readonly event: 'history.skipped'; readonly damaged: number; readonly unknown: number }
  | { readonly event: 'history.unreadable'; readonly detail: string }
  /** It was asked for, and the former process of the proxy goes on serving, if one did. */
  | { readonly event: 'proxy.reload-failed'; readonly code: string; readonly detail: string }
  /** A former worker was too old: told to end at once, or killed because it did not. */
  | {
      readonly event: 'proxy.worker-ended';
      readonly pid: number;
      readonly how: 'stop' | 'kill';
      readonly age: Millis;
      /** That it had; undefined where it did not say. */
      readonly connections: number | undefined;
    }
  /** Somebody said so to the proxy itself, on this node. */
  | { readonly event: 'intent.noticed'; readonly key: string; readonly value: string }
  /** What the proxy was told, because somebody wants it so. */
  | { readonly event: 'intent.applied'; readonly server: string; readonly to: string }
  /** The proxy's words. */
  | {
      readonly event: 'intent.not-applied';
      readonly server: string;
      readonly to: string;
      readonly detail: string;
    }
  /** The proxy takes part already, although not all that operators want was said to it yet. */
  | { readonly event: 'intent.late'; readonly waitedMs: number }
  /** The proxy's servers cannot be told. */
  | { readonly event: 'intent.unseen'; readonly detail: string }
  /** Somebody rehearses a fault: this node is ready for it, does it, and has undone it. */
  | ({ readonly event: 'drill.armed'; readonly by: string } & Drilled)
  | ({ readonly event: 'drill.fired' } & Drilled)
  | ({ readonly event: 'drill.undone'; readonly why: string } & Drilled)
  /** Nobody had it done. */
  | ({ readonly event: 'drill.expired' } & Drilled)
  /** Something is not as it was: a person must mend it. */
  | ({ readonly event: 'drill.failed'; readonly detail: string } & Drilled)
  /** The other node claims a counter far beyond ours: not believed. */
  | {
      readonly event: 'intent.refused';
      readonly key: string;
      readonly counter: number;
      readonly ours: number;
    }
  /** There are too many: the one that was stated longest ago. */
  | { readonly event: 'intent.forgotten'; readonly key: string; readonly value: string }
  /** Intents stay in memory, and are written as soon as that goes. */
  | { readonly event: 'intent.not-kept'; readonly detail: string }
  | { readonly event: 'intent.kept' }
  | { readonly event: 'intent.skipped'; readonly damaged: number; readonly unknown: number }
  | { readonly event: 'intent.unreadable'; readonly detail: string }
  | { readonly event: 'sysctl.changed'; readonly name: string; readonly value: string }
  | ({ readonly event: 'hook.ran'; readonly attempt: number; readonly tookMs: number } & Hooked)
  /** It is tried again, or given up. */
  | ({ readonly event: 'hook.failed'; readonly attempt: number; readonly detail: string } & Hooked)
  | ({ readonly event: 'hook.given-up'; readonly attempts: number } & Hooked)
  /** Too many wait: a transition that another of its group has superseded is told as part of that. */
  | { readonly event: 'hook.merged'; readonly group: string; readonly sequence: number }
  /** The daemon ended before so many were told. */
  | { readonly event: 'hook.left'; readonly transitions: number };

/** A script, and the transition that it is told of. */
interface Hooked {
  readonly hook: string;
  readonly group: string;
  readonly to: string;
  readonly sequence: number;
}

/** A drill, by its name in the catalogue and its own. */
interface Drilled {
  readonly drill: string;
  readonly id: string;
}

/** The level of an event; all members are listed, so a new one has to think about it. */
export function levelOf(event: LogEvent): LogLevel {
  return LEVELS[event.event];
}

const LEVELS: Readonly<Record<LogEvent['event'], LogLevel>> = {
  'vrrp.state': 'info',
  'vrrp.master': 'info',
  'vrrp.contest': 'warn',
  'vrrp.stalled': 'warn',
  'vrrp.path-broken': 'error',
  'vrrp.kept': 'error',
  'vrrp.path-healed': 'info',
  'generation.group-differs': 'error',
  'generation.group-agrees': 'info',
  'pair.peer': 'warn',
  'pair.channel': 'warn',
  'pair.path': 'warn',
  'pair.refused': 'warn',
  'generation.differs': 'warn',
  'generation.in-sync': 'info',
  'reload.applied': 'info',
  'reload.refused': 'warn',
  'push.kept': 'info',
  'push.rolled-back': 'warn',
  'push.failed': 'error',
  'push.recovered': 'warn',
  'push.sent': 'info',
  'reload.prepared': 'info',
  'reload.switched': 'info',
  'reload.undone': 'warn',
  'reload.doubtful': 'error',
  'vrrp.rejected': 'warn',
  'vrrp.mute': 'error',
  'vrrp.checksum-form': 'info',
  'vrrp.addresses-differ': 'warn',
  'vrrp.interval-differs': 'info',
  'vrrp.priority': 'info',
  'track.state': 'warn',
  'orders.paused': 'warn',
  'orders.resumed': 'info',
  'tables.awaited': 'info',
  'tables.in': 'info',
  'tables.given-up': 'warn',
  'orders.maintenance': 'warn',
  'schedule.changed': 'info',
  'schedule.dropped': 'warn',
  'failback.asked': 'info',
  'probe.failed': 'warn',
  'interface.stray': 'warn',
  'lease.lost': 'warn',
  'lease.layers': 'info',
  'lease.layers-reduced': 'warn',
  'lease.rules-restored': 'warn',
  'lease.rules-missing': 'error',
  'lease.rules-left': 'warn',
  'address.removed': 'warn',
  'address.stolen': 'error',
  'address.refused': 'error',
  'address.left-over': 'info',
  'address.duplicate': 'error',
  'address.stray': 'warn',
  'announce.failed': 'warn',
  'connections.kept': 'info',
  'connections.cut': 'warn',
  'connections.drained': 'info',
  'connections.reset': 'warn',
  'connections.uncounted': 'warn',
  'link.state': 'warn',
  'socket.failed': 'warn',
  'switchover.started': 'info',
  'switchover.ended': 'info',
  'proxy.state': 'info',
  'proxy.reloaded': 'info',
  'proxy.reload-failed': 'error',
  'proxy.worker-ended': 'warn',
  'proxy.refused': 'error',
  'proxy.crash-loop': 'error',
  'daemon.starting': 'info',
  'daemon.waiting': 'info',
  'daemon.started': 'info',
  'daemon.stopping': 'info',
  'daemon.stopped': 'info',
  'daemon.overloaded': 'error',
  'daemon.scheduling': 'warn',
  'tables.diverged': 'error',
  'tables.equal-again': 'info',
  'flows.silent': 'warn',
  'flows.ended': 'warn',
  'flows.diverged': 'error',
  'flows.equal-again': 'info',
  'flows.refused': 'warn',
  'flows.rules-refused': 'warn',
  'flows.rules-loaded': 'info',
  'flows.overflow': 'warn',
  'flows.table-nearly-full': 'warn',
  'flows.table-has-room': 'info',
  'replicator.silent': 'warn',
  'replicator.ended': 'warn',
  'log.lost': 'warn',
  'hook.ran': 'info',
  'hook.failed': 'warn',
  'hook.given-up': 'error',
  'hook.merged': 'warn',
  'hook.left': 'warn',
  'drill.armed': 'warn',
  'drill.fired': 'warn',
  'drill.undone': 'info',
  'drill.expired': 'info',
  'drill.failed': 'error',
  'signing.not-kept': 'warn',
  'history.not-kept': 'warn',
  'history.kept': 'info',
  'history.skipped': 'warn',
  'history.unreadable': 'warn',
  'intent.noticed': 'info',
  'intent.applied': 'info',
  'intent.not-applied': 'warn',
  'intent.late': 'warn',
  'intent.unseen': 'warn',
  'intent.refused': 'warn',
  'intent.forgotten': 'warn',
  'intent.not-kept': 'warn',
  'intent.kept': 'info',
  'intent.skipped': 'warn',
  'intent.unreadable': 'warn',
  'sysctl.changed': 'info',
  'sysctl.refused': 'error',
  'sysctl.unnoted': 'warn',
  'service.server': 'warn',
  'service.unserved': 'error',
  'service.served': 'info',
  'service.rules-refused': 'error',
  'service.rules-loaded': 'info',
  'service.rules-restored': 'warn',
  'service.not-forwarding': 'error',
  'service.forwarding': 'info',
  'service.drained': 'info',
  'service.flows-ended': 'warn',
  'service.flows-unknown': 'warn',
};
