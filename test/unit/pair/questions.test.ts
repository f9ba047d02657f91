import { describe, expect, it } from 'vitest';
import type { Result } from '../../../src/base/result.js';
import { fail, ok } from '../../../src/base/result.js';
import { millis } from '../../../src/base/time.js';
import { Questions } from '../../../src/pair/questions.js';
import type { PairAnswer, PairQuestion } from '../../../src/wire/pair/question.js';
import { MOST_QUESTION } from '../../../src/wire/pair/question.js';
import { HandClock } from '../engine/fakes.js';
import { given, HandStream, HELLO } from './given-link.js';

const WITHIN = millis(1000);

function asking(answer: Result<string, string> = ok('{}')): {
  readonly questions: Questions;
  readonly said: (PairQuestion | PairAnswer)[];
  readonly clock: HandClock;
} {
  const said: (PairQuestion | PairAnswer)[] = [];
  const clock = new HandClock();
  const questions = new Questions({
    clock,
    say: (message) => said.push(message),
    answer: () => Promise.resolve(answer),
  });
  return { questions, said, clock };
}

describe('a question to the other daemon', () => {
  it('is answered, in one part or in several', async () => {
    const { questions, said } = asking();
    const first = questions.ask('status', '{}', WITHIN);
    const second = questions.ask('status', '{}', WITHIN);
    questions.heardAnswer({ kind: 'answer', id: 2, outcome: 'more', body: '{"a"' });
    questions.heardAnswer({ kind: 'answer', id: 1, outcome: 'refused', body: 'not now' });
    questions.heardAnswer({ kind: 'answer', id: 2, outcome: 'granted', body: ':1}' });
    expect(await first).toEqual(fail({ code: 'refused', detail: 'not now' }));
    expect(await second).toEqual(ok('{"a":1}'));
    expect(said.map((each) => each.id)).toEqual([1, 2]);
  });

  it('is given up after a while, and what comes then is passed over', async () => {
    const { questions, clock } = asking();
    const asked = questions.ask('status', '{}', WITHIN);
    clock.ringNext();
    expect(await asked).toMatchObject({ error: { code: 'no-answer' } });
    questions.heardAnswer({ kind: 'answer', id: 1, outcome: 'granted', body: '{}' });
  });

  it('is given up with its connection', async () => {
    const { questions } = asking();
    const asked = questions.ask('status', '{}', WITHIN);
    questions.ended();
    expect(await asked).toMatchObject({ error: { code: 'no-answer' } });
  });

  it('is one of a bounded number, and of a bounded length, as its answer is', async () => {
    const { questions } = asking();
    const asked = Array.from({ length: 9 }, () => questions.ask('status', '{}', WITHIN));
    expect(await asked[8]).toMatchObject({ error: { code: 'too-many' } });
    for (let part = 0; part < 5; part += 1) {
      questions.heardAnswer({ kind: 'answer', id: 1, outcome: 'more', body: 'x' });
    }
    expect(await asked[0]).toMatchObject({ error: { code: 'too-long' } });
    const long = 'x'.repeat(MOST_QUESTION + 1);
    expect(await questions.ask('status', long, WITHIN)).toMatchObject({
      error: { code: 'too-long' },
    });
  });
});

describe('a question of the other daemon', () => {
  const question: PairQuestion = { kind: 'question', id: 7, ask: 'status', body: '{}' };

  it.each<[string, Result<string, string>, readonly Partial<PairAnswer>[]]>([
    ['with what it asks for', ok('{}'), [{ id: 7, outcome: 'granted', body: '{}' }]],
    ['with a refusal', fail('not now'), [{ id: 7, outcome: 'refused', body: 'not now' }]],
    ['with nothing', ok(''), [{ id: 7, outcome: 'granted', body: '' }]],
    [
      'in parts',
      ok('x'.repeat(MOST_QUESTION + 1)),
      [{ outcome: 'more' }, { outcome: 'granted', body: 'x' }],
    ],
    [
      'not at all where that is too long',
      ok('x'.repeat(MOST_QUESTION * 5 + 1)),
      [{ outcome: 'refused', body: 'the answer is too long for the channel' }],
    ],
  ])('is answered %s', async (_how, answer, expected) => {
    const { questions, said } = asking(answer);
    await questions.heardQuestion(question);
    expect(said).toMatchObject(expected);
  });

  it('is refused where too many are being answered, and forgotten with its connection', async () => {
    const { questions, said } = asking();
    const asked = Array.from({ length: 9 }, (_, id) =>
      questions.heardQuestion({ ...question, id: id + 1 }),
    );
    expect(said).toMatchObject([{ id: 9, outcome: 'refused' }]);
    questions.ended();
    await Promise.all(asked);
    expect(said).toHaveLength(1);
  });
});

describe('over a link', () => {
  it('questions go both ways, and only while it is there', async () => {
    const all = given('lb1');
    expect(await all.link.ask('status', '{}', WITHIN)).toMatchObject({
      error: { code: 'no-channel' },
    });
    const stream = new HandStream();
    all.answers.push(stream);
    all.link.begin();
    await Promise.resolve();
    await Promise.resolve();
    stream.hear(HELLO);
    expect(all.met).toBe(1);
    const asked = all.link.ask('status', '{}', WITHIN);
    stream.hear({ kind: 'question', id: 3, ask: 'echo', body: '[1]' });
    stream.hear({ kind: 'answer', id: 1, outcome: 'granted', body: '[2]' });
    expect(await asked).toEqual(ok('[2]'));
    expect(stream.said).toContainEqual({
      ...{ kind: 'answer', id: 3, outcome: 'granted', body: '[1]' },
    });
  });

  it('an older daemon is not asked', async () => {
    const all = given('lb1');
    const stream = new HandStream();
    all.answers.push(stream);
    all.link.begin();
    await Promise.resolve();
    await Promise.resolve();
    stream.hear({ ...HELLO, newest: 2 } as typeof HELLO);
    expect(await all.link.ask('status', '{}', WITHIN)).toMatchObject({ error: { code: 'older' } });
  });
});
