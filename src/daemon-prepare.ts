/** What is done before a daemon takes part: what is missing is found out, and the kernel is made ready. No address is touched. */
import type { Result } from './base/result.js';
import { fail, ok } from './base/result.js';
import type { DaemonOptions, DaemonPorts, RunningOptions } from './daemon-ports.js';
import { bindingOf } from './daemon-ports.js';
import { ordersFor } from './daemon-replication.js';
import { removeStrays } from './engine/look-around.js';
import { readPairKeys } from './engine/pair-keys.js';
import { planGroups } from './engine/plan-groups.js';
import { FLOW_EVENTS, prepareSysctls, wantedSettings } from './engine/kernel-settings.js';
import { guard, prepareConnections, prepareInterfaces } from './engine/prepare.js';
import type { StartRefusal } from './engine/start-refusal.js';
import { flowsWanted } from './replication/flow-orders.js';

export async function prepareDaemon(
  options: DaemonOptions,
  ports: DaemonPorts,
): Promise<Result<Omit<RunningOptions, 'startedAt'>, readonly StartRefusal[]>> {
  const { config } = options;
  const planned = await planGroups(options, ports);
  if (!planned.ok) {
    return planned;
  }
  const keys = await readPairKeys(config.pair, ports.secrets);
  if (!keys.ok) {
    return keys;
  }
  const later = flowsWanted(config, keys.value) ? [FLOW_EVENTS] : [];
  await prepareSysctls(wantedSettings(planned.value, bindingOf(config)), later, ports);
  const orders = await ordersFor(options, keys.value, ports);
  const layers = await guard(planned.value, ports);
  const plans = await prepareConnections(planned.value, layers, ports);
  const interfaces = await prepareInterfaces(plans, ports);
  if (!interfaces.ok) {
    return fail([{ code: 'interface', detail: interfaces.error.detail }]);
  }
  await removeStrays(plans, ports);
  return ok({ ...options, plans, layers, orders, pairKeys: keys.value });
}
