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
