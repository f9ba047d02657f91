/** The classic BPF program by which a socket hears of assured flows only. */
import {
  ATTRIBUTE_HEAD_BYTES,
  CTA,
  GENERAL_HEAD_BYTES,
  STATUS,
} from '../wire/conntrack/attributes.js';
import { MESSAGE_HEAD_BYTES } from '../wire/conntrack/datagram.js';
import type { FilterInstruction } from './libc.js';

/** What the kernel does for classic programs beside reading bytes (linux/filter.h). */
const SKF_AD_NLATTR = 0xffff_f000 + 12;
const EVERYTHING = 0xffff_ffff;

/** A message whose status says assured. Most of what a busy machine tells is of others. */
export const ONLY_ASSURED: readonly FilterInstruction[] = [
  // A: where attributes begin. X: the type of the one that is sought. Then A: where it is, or zero.
  { code: 0x00, operand: MESSAGE_HEAD_BYTES + GENERAL_HEAD_BYTES },
  { code: 0x01, operand: CTA.status },
  { code: 0x30, operand: SKF_AD_NLATTR },
  { code: 0x15, operand: 0, equal: 4 },
  // X: A. Then A: the four bytes of its value.
  { code: 0x07, operand: 0 },
  { code: 0x40, operand: ATTRIBUTE_HEAD_BYTES },
  { code: 0x45, operand: STATUS.assured, otherwise: 1 },
  { code: 0x06, operand: EVERYTHING },
  { code: 0x06, operand: 0 },
];
