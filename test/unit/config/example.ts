/** A small configuration without mistakes, and ways to put one in. */
import { BrokenAssumption } from '../../../src/base/unreachable.js';
import type { Config } from '../../../src/config/config.js';
import { parseConfig } from '../../../src/config/load.js';
import { formatProblem } from '../../../src/config/problem.js';

export const EXAMPLE = `pair:
  nodes:
    lb1: { address: 10.77.1.1 }
    lb2: { address: 10.77.1.2 }
groups:
  - name: web
    interface: eth0
    vrid: 51
    addresses: [10.77.0.100/24]
proxy:
  haproxy:
    config: /etc/haproxy/haproxy.cfg
runtime:
  directory: /run/vipair
`;

/** The example with one text in it replaced. */
export function edited(from: string, to: string): string {
  if (!EXAMPLE.includes(from)) {
    throw new BrokenAssumption(`the example has no ${from}`);
  }
  return EXAMPLE.replace(from, to);
}

/** The example with more keys in its one group, which begin on line 10. */
export function withGroupKeys(...lines: readonly string[]): string {
  return edited('proxy:\n', `${lines.map((line) => `    ${line}\n`).join('')}proxy:\n`);
}

/** The example with a second group, which begins on line 10. */
export function withGroup(keys: string): string {
  return edited('proxy:\n', `  - { ${keys} }\nproxy:\n`);
}

/** As the operator reads them; empty where there are none. */
export function problemsOf(text: string): readonly string[] {
  const parsed = parseConfig(text, 'f');
  return parsed.ok ? [] : parsed.error.map(formatProblem);
}

/** The configuration of a text that has no mistakes. */
export function configOf(text: string): Config {
  const parsed = parseConfig(text, 'f');
  if (!parsed.ok) {
    throw new BrokenAssumption(parsed.error.map(formatProblem).join('\n'));
  }
  return parsed.value;
}
