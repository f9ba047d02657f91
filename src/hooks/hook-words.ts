/** What a script is told of a transition: its arguments, and its environment. */
import { unreachable } from '../base/unreachable.js';
import type { HookConfig } from '../config/config.js';
import type { HookCall } from '../core/hook-queue.js';

export function argumentsOf(form: HookConfig['arguments'], call: HookCall): readonly string[] {
  switch (form) {
    case 'vipair':
      return [call.group, call.from, call.to, String(call.sequence)];
    case 'keepalived':
      return ['INSTANCE', ...asKeepalived(call)];
    case 'keepalived-group':
      return ['GROUP', ...asKeepalived(call)];
    default:
      return unreachable(form);
  }
}

export function environmentOf(
  call: HookCall,
  {
    node,
    epoch,
    attempt,
  }: { readonly node: string; readonly epoch: number; readonly attempt: number },
): Readonly<Record<string, string>> {
  return {
    VIPAIR_NODE: node,
    VIPAIR_GROUP: call.group,
    VIPAIR_FROM: call.from,
    VIPAIR_TO: call.to,
    // An environment ends at a zero, and what strangers say may be in it.
    VIPAIR_CAUSE: call.cause.replaceAll(/\p{C}+/gu, ' '),
    VIPAIR_PRIORITY: String(call.priority),
    VIPAIR_SEQUENCE: String(call.sequence),
    VIPAIR_EPOCH: String(epoch),
    VIPAIR_KIND: call.kind,
    VIPAIR_MERGED: String(call.merged),
    VIPAIR_ATTEMPT: String(attempt),
  };
}

/** keepalived's order: name, state, priority (keepalived.conf(5), notify). */
function asKeepalived({ group, to, priority }: HookCall): readonly string[] {
  return [group, to === 'stopped' ? 'STOP' : to.toUpperCase(), String(priority)];
}
