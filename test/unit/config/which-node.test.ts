import { describe, expect, it } from 'vitest';
import type { Ipv4 } from '../../../src/base/ipv4.js';
import { fail, ok } from '../../../src/base/result.js';
import { whichNode } from '../../../src/config/which-node.js';
import { configOf, EXAMPLE } from './example.js';

const config = configOf(EXAMPLE);
const [lb1, lb2] = config.pair.nodes;
const nodes = config.pair.nodes;

describe('a node knows itself', () => {
  it.each([
    ['by its address', ['127.0.0.1', '10.77.1.2'], 'elsewhere', ok(lb2)],
    ['by its address before its name', ['10.77.1.2'], 'lb1', ok(lb2)],
    ['by its name where it has no address yet', ['127.0.0.1'], 'lb1', ok(lb1)],
    ['by the first part of its name', [], 'LB2.example.org', ok(lb2)],
    [
      'not by part of its first part',
      [],
      'lb2-old',
      fail({ code: 'neither-node', hostname: 'lb2-old', nodes }),
    ],
    ['not without a name', [], '', fail({ code: 'neither-node', hostname: '', nodes })],
    [
      'not where it has both addresses',
      ['10.77.1.1', '10.77.1.2'],
      'lb1',
      fail({ code: 'both-nodes', nodes }),
    ],
  ])('%s', (_how, addresses, hostname, outcome) => {
    expect(whichNode(config, addresses as Ipv4[], hostname)).toEqual(outcome);
  });
});
