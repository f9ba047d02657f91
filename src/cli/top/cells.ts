/** Cells that several tables of `vipair top` have. */
import { bad, doubtful, good } from '../paint.js';
import type { Flow } from './rates.js';

export function verdictWord(verdict: 'equal' | 'differs' | 'unknown'): string {
  if (verdict === 'equal') {
    return good('equal');
  }
  return verdict === 'differs' ? bad('differs') : doubtful('not yet');
}

export function flowCells(flow: Flow | undefined): readonly [string, string] {
  return [rateText(flow?.sent), rateText(flow?.received)];
}

export function rateText(rate: number | undefined): string {
  return rate === undefined ? '…' : rate.toFixed(rate < WHOLE_FROM ? 1 : 0);
}

/** From so many a second on, tenths are noise. */
const WHOLE_FROM = 100;
