/** Services that the kernel passes on, as one node has them: a section of `vipair status`, field by field; and their log. */

export interface ServiceStatus {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  readonly hash: 'flow' | 'source';
  /** What servers see as the client; undefined: the client. */
  readonly source: string | undefined;
  readonly servers: readonly ServiceServerStatus[];
}

export interface ServiceServerStatus {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** `unknown`: nobody has looked yet, or nobody looks; it gets connections. */
  readonly state: 'up' | 'down' | 'unknown';
  /** Of one that is down. */
  readonly why: string | undefined;
  /** Whose opinion that is. */
  readonly by: 'this node' | 'the other node' | 'nobody';
  /** What the other node has seen, as far as it has said so. */
  readonly there: 'up' | 'down' | undefined;
  /** `ready`, `drain` or `maint`. */
  readonly admin: string;
  readonly weight: number;
  /** Of new connections: 0 to 1. */
  readonly share: number;
  /** Open connections of one that is drained, when they were counted last. */
  readonly connections: number | undefined;
  /** When those are ended, in Unix milliseconds; undefined where they are not. */
  readonly endsAt: number | undefined;
}

export interface ServicesStatus {
  readonly services: readonly ServiceStatus[];
  /** Whether the kernel goes by what is shown. */
  readonly rules: 'loaded' | 'waiting' | 'refused';
  /** What stands in the way, in sentences. */
  readonly problems: readonly string[];
}

export type ServiceEvent =
  /** How this node sees a server, by its own looks. */
  | {
      readonly event: 'service.server';
      readonly server: string;
      readonly to: 'up' | 'down';
      readonly why: string;
    }
  /** No server is left: new connections are refused. */
  | { readonly event: 'service.unserved'; readonly service: string }
  | { readonly event: 'service.served'; readonly service: string }
  /** The kernel goes on by the rules before. */
  | { readonly event: 'service.rules-refused'; readonly detail: string }
  | { readonly event: 'service.rules-loaded' }
  /** Somebody else had removed them. */
  | { readonly event: 'service.rules-restored' }
  /** The kernel forwards nothing, and so no connection. */
  | { readonly event: 'service.not-forwarding'; readonly name: string; readonly detail: string }
  | { readonly event: 'service.forwarding'; readonly name: string }
  /** A server that gets no new connections has none any more. */
  | { readonly event: 'service.drained'; readonly server: string }
  /** So many open connections of a server were ended, because it was down or its time was up. */
  | {
      readonly event: 'service.flows-ended';
      readonly server: string;
      readonly flows: number;
      readonly why: string;
    }
  /** Open connections could be neither counted nor ended. */
  | { readonly event: 'service.flows-unknown'; readonly detail: string };
