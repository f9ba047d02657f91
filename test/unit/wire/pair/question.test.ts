import { expect, it } from 'vitest';
import { encodeFrame } from '../../../../src/wire/pair/frame.js';
import { readMessage, writeMessage } from '../../../../src/wire/pair/message.js';
import { ANSWER, MOST_QUESTION, QUESTION } from '../../../../src/wire/pair/question.js';

it('asks for something by name, and is answered by number', () => {
  const question = { id: 1, ask: 'status', body: '{}' };
  expect(QUESTION.body.parse(question)).toEqual({ kind: 'question', ...question });
  const answer = { id: 1, outcome: 'more', body: '{' };
  expect(ANSWER.body.parse(answer)).toEqual({ kind: 'answer', ...answer });
  expect(ANSWER.body.safeParse({ ...answer, outcome: 'perhaps' }).success).toBe(false);
  expect(QUESTION.body.safeParse({ ...question, id: 0 }).success).toBe(false);
});

it('the longest fits into a frame, whatever it is written in', () => {
  const longest = { kind: 'question', id: 1, ask: 'a', body: '€'.repeat(MOST_QUESTION) } as const;
  const frame = writeMessage(longest, 3);
  expect(encodeFrame(frame).length).toBeGreaterThan(MOST_QUESTION);
  expect(readMessage(frame)).toEqual({ ok: true, value: longest });
});
