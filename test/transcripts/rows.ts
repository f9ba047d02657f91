/** The rows of the tables of states of RFC 9568 §6.4 that a state machine decides; each has a transcript. */
export const RFC9568_ROWS: readonly string[] = [
  // §6.4.1 Initialize: Startup.
  'rfc9568-6.4.1-startup-owner',
  'rfc9568-6.4.1-startup-other',
  // §6.4.2 Backup.
  'rfc9568-6.4.2-shutdown',
  'rfc9568-6.4.2-down-timer-fires',
  'rfc9568-6.4.2-priority-zero',
  'rfc9568-6.4.2-preempt-off-higher',
  'rfc9568-6.4.2-preempt-off-equal',
  'rfc9568-6.4.2-preempt-off-lower',
  'rfc9568-6.4.2-preempt-on-higher',
  'rfc9568-6.4.2-preempt-on-equal',
  'rfc9568-6.4.2-preempt-on-lower',
  'rfc9568-6.4.2-interval-learned',
  // §6.4.3 Active.
  'rfc9568-6.4.3-shutdown',
  'rfc9568-6.4.3-adver-timer-fires',
  'rfc9568-6.4.3-priority-zero',
  'rfc9568-6.4.3-higher',
  'rfc9568-6.4.3-equal-greater-address',
  'rfc9568-6.4.3-equal-lesser-address',
  'rfc9568-6.4.3-lower',
];

/** The rows of the arbiter, as docs/ARCHITECTURE.md has them, with the transcripts that show each. */
export const ARBITER_ROWS: Readonly<Record<string, readonly string[]>> = {
  'heard, fresh': ['pair-adverts-heard-heartbeat-fresh'],
  'heard or not yet due, gone, the probe answered': ['pair-heartbeat-gone-probe-answered'],
  'heard or not yet due, gone, the probe unanswered': ['pair-heartbeat-gone-probe-unanswered'],
  'silent, gone': [
    'pair-both-silent',
    'pair-heartbeat-gone-over-routers',
    'pair-path-broken-and-then-silence',
  ],
  'silent, fresh, “I am master and my LAN is reachable”': [
    'pair-path-broken',
    'pair-two-masters-lesser',
    'pair-two-masters-greater',
  ],
  'silent, fresh, “my LAN is unreachable” or “fault”': ['pair-lan-unreachable', 'pair-fault'],
  'any, goodbye': ['pair-goodbye-stopping', 'pair-goodbye-handing-over', 'pair-proxy-died'],
  'silent, fresh, late because it stalled': ['pair-both-fall-silent', 'pair-heartbeat-of-the-past'],
  'both nodes unfit': [
    'pair-both-unfit-keeps',
    'pair-both-unfit-takes',
    'pair-both-unfit-stays-away',
  ],
};
