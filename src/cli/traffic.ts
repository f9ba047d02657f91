/** The programs of the lab that make flows, and that answer them. */
import { parseDuration } from '../config/duration.js';
import { runFlowServer } from '../lab/flows/flow-server.js';
import type { FlowBunch } from '../lab/flows/traffic.js';
import { MOST_CLIENT_FLOWS, trafficToFile } from '../lab/flows/traffic.js';
import { FLOW_PROTOCOLS } from '../lab/flows/traffic-report.js';
import type { LabFlowServerAsked, LabTrafficAsked } from './commands.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import type { MeasuringPorts } from './probe.js';
import { readTarget } from './probe-options.js';
import { complain } from './terminal.js';

export async function labTraffic(asked: LabTrafficAsked, ports: MeasuringPorts): Promise<ExitCode> {
  const texts = asked.flows.split(',');
  const bunches = texts.flatMap((text) => readBunch(text) ?? []);
  const every = parseDuration(asked.every);
  const lasting = parseDuration(asked.for);
  if (bunches.length !== texts.length || !every.ok || !lasting.ok) {
    complain('vipair lab-traffic: expected PROTOCOL/COUNT/ADDRESS:PORT and durations');
    return EXIT.usage;
  }
  const options = { bunches, every: every.value, lasting: lasting.value };
  await trafficToFile(options, asked.out, ports);
  return EXIT.ok;
}

export async function labFlowServer(
  asked: LabFlowServerAsked,
  { clock, signal }: MeasuringPorts,
): Promise<ExitCode> {
  const every = parseDuration(asked.every);
  const ports = asked.ports.split(',').map(Number);
  if (!every.ok || !ports.every((port) => Number.isInteger(port) && port > 0 && port < 65_536)) {
    complain('vipair lab-flow-server: expected ports and a duration');
    return EXIT.usage;
  }
  const server = await runFlowServer({ number: asked.number, ports, every: every.value }, clock);
  await new Promise((resolve) => {
    signal.addEventListener('abort', resolve, { once: true });
  });
  server.stop();
  return EXIT.ok;
}

/** Such as `tcp/50/10.77.0.100:7001`. */
function readBunch(text: string): FlowBunch | undefined {
  const [name, number, ...rest] = text.split('/');
  const protocol = FLOW_PROTOCOLS.find((each) => each === name);
  const count = Number(number);
  const target = readTarget(rest.join('/'));
  const isCount = Number.isInteger(count) && count > 0 && count <= MOST_CLIENT_FLOWS;
  return protocol === undefined || !isCount || !target.ok
    ? undefined
    : { protocol, count, target: target.value };
}
