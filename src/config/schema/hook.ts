/** The shape of a hook: a script of the operator's that is told of transitions. */
import type { z } from 'zod';
import { millis } from '../../base/time.js';
import type { HookConfig } from '../config.js';
import {
  absolutePath,
  durationBetween,
  listOf,
  mapping,
  oneOf,
  PATH_BYTES,
  userName,
} from './kinds.js';

const HOOKED_ROLES = ['master', 'backup', 'fault', 'stopped'] as const;

export const hook: z.ZodType<HookConfig> = mapping({
  run: absolutePath({ atMost: PATH_BYTES }).describe(
    'A program of root or of its user, which nobody else may write to; run without a shell.',
  ),
  on: listOf(oneOf(HOOKED_ROLES), { from: 1, to: HOOKED_ROLES.length, of: 'roles' })
    // What keepalived's notify is told of.
    .prefault(['master', 'backup', 'fault'])
    .describe('What a group has become where it is run: master, backup, fault, stopped.'),
  arguments: oneOf(['vipair', 'keepalived', 'keepalived-group'])
    .prefault('vipair')
    .describe(
      'vipair: GROUP FROM TO SEQUENCE. keepalived: INSTANCE GROUP STATE PRIORITY, as its notify; keepalived-group: GROUP in the first place.',
    ),
  timeout: durationBetween({ from: millis(100), to: millis(300_000) })
    // Long enough for a router or a cloud to be told, short enough for the next transition to be told in time.
    .prefault('10s')
    .describe('How long one run may take before it is killed, with all that it started.'),
  user: userName
    // As for checks: what needs more has to say so.
    .prefault('nobody')
    .describe('The user that it runs as.'),
}).transform(({ run, ...rest }) => ({ path: run, ...rest }));
