/** `vipair proxy peers`: what haproxy.cfg has to say, so that its stick tables are on both nodes. */
import type { Result } from '../base/result.js';
import { haproxyLines } from '../core/haproxy-text.js';
import { sectionsOf } from '../core/haproxy-sections.js';
import type { PeersAdvice } from '../core/peers-advice.js';
import { advisePeers } from '../core/peers-advice.js';
import { formatProblem } from '../config/problem.js';
import type { ProxyPeersAsked } from './commands.js';
import { readConfig } from './configuration.js';
import type { Identity } from './daemon.js';
import { nodeName } from './daemon.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { bad, doubtful, good } from './paint.js';
import { complain, print, printJson } from './terminal.js';

/** The machine's side of it. */
export interface ProxyPeersHost extends Identity {
  /** The text of haproxy.cfg, or why there is none. */
  readText(path: string): Promise<Result<string, { readonly detail: string }>>;
}

/** Exit code 1 where something is missing yet. */
export async function proxyPeers(asked: ProxyPeersAsked, host: ProxyPeersHost): Promise<ExitCode> {
  const read = readConfig(asked.config);
  if (!read.ok) {
    for (const problem of read.error) {
      complain(formatProblem(problem));
    }
    return EXIT.configuration;
  }
  const config = read.value;
  const node = nodeName(config, asked.node, { ...host, command: 'proxy peers' });
  const peer = config.pair.nodes.find(({ name }) => name !== node)?.name;
  if (node === undefined || peer === undefined) {
    return EXIT.usage;
  }
  const { proxy, replicate } = config;
  if (proxy === undefined || replicate === undefined) {
    complain('vipair proxy peers: nothing is replicated: vipair.yaml has no replicate section');
    return EXIT.refused;
  }
  const text = await host.readText(proxy.config);
  if (!text.ok) {
    complain(`vipair proxy peers: ${text.error.detail}`);
    return EXIT.failed;
  }
  const { peersSocket } = replicate;
  const advice = advisePeers(sectionsOf(haproxyLines(text.value)), { node, peer, peersSocket });
  if (asked.form === 'json') {
    printJson({ node, peer, config: proxy.config, ...advice });
  } else {
    print(adviceText(advice, { node, config: proxy.config }));
  }
  return isComplete(advice) ? EXIT.ok : EXIT.failed;
}

function isComplete({ found, untold, problems }: PeersAdvice): boolean {
  return found !== undefined && untold.length === 0 && problems.length === 0;
}

function adviceText(
  advice: PeersAdvice,
  { node, config }: { readonly node: string; readonly config: string },
): string {
  const { localPeer, section, found, untold, commands, problems } = advice;
  const name = found ?? section[0]?.split(' ')[1] ?? '';
  return [
    ...(found === undefined
      ? [`# for ${config}, the same on both nodes`, 'global', `  ${localPeer}`, '', ...section, '']
      : [`${config}: ${good(`the section ${found} has vipair as a peer`)}`]),
    ...(commands.length === 0
      ? []
      : ['# once on each node, as root, because HAProxy changes its root:', ...commands, '']),
    ...untold.map(({ name: table, line, peers }) =>
      doubtful(
        `# ${config}${line === undefined ? '' : `:${String(line)}`}: the table ${table} ${peers === undefined ? 'has no peers' : `has the peers ${peers}`}: write peers ${name} behind its stick-table`,
      ),
    ),
    ...problems.map((each) => bad(`# ${each}`)),
    `# then check it: VIPAIR_NODE=${node} haproxy -c -dW -f ${config}`,
    '# without -dW a peers section that HAProxy does not understand is left out with a mere warning',
  ].join('\n');
}
