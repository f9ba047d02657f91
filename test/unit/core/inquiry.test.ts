import { expect, it } from 'vitest';
import { beginInquiry, proceed, QUESTIONS } from '../../../src/core/inquiry.js';
import type { Inquiry } from '../../../src/core/inquiry.js';
import { at, NOW } from './given.js';

it('asks five times, ten milliseconds apart, and then nobody has answered', () => {
  let inquiry: Inquiry = beginInquiry(NOW);
  for (let asked = 1; asked < QUESTIONS; asked += 1) {
    expect(inquiry).toEqual({ asked, nextAt: at(asked * 10) });
    expect(proceed(inquiry, at(asked * 10 - 1))).toBe('waiting');
    inquiry = proceed(inquiry, at(asked * 10)) as Inquiry;
  }
  expect(proceed(inquiry, at(49))).toBe('waiting');
  expect(proceed(inquiry, at(50))).toBe('unanswered');
});

it('asks once more where it slept, because an answer may lie unread', () => {
  const last: Inquiry = { asked: QUESTIONS, nextAt: at(50) };
  expect(proceed(last, at(59))).toBe('unanswered');
  expect(proceed(last, at(60))).toEqual({ asked: QUESTIONS, nextAt: at(70) });
});
