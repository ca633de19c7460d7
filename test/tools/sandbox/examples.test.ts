import * as t from 'io-ts';
import { describe, expect, it } from 'vitest';
import { open } from './example-answers.js';
import { CASES, NOT_ANSWERED, REQUESTS } from './example-cases.js';
import { EXAMPLES, pathsOf, readExample, statusOf } from './examples.js';
import type { Answer } from './vendor.js';

const isAnswer = (answer: unknown): answer is Answer => t.type({ status: t.number, text: t.string }).is(answer);

describe('the examples of Verifik', () => {
  it('every example has a case or a reason', () => {
    expect([CASES, REQUESTS, NOT_ANSWERED].flatMap(Object.keys).sort()).toEqual([...EXAMPLES].sort());
  });

  it.each(Object.entries(CASES))('the sandbox answers like the example %s', async (name, one) => {
    const answer = await one.answer(await open(one));
    const body = isAnswer(answer) ? answer.body : answer;
    if (isAnswer(answer)) expect(answer.status, answer.text).toBe(statusOf(name));
    const example = readExample(name);
    // An error has the example's words, and any other response all of its fields, with their types.
    if (statusOf(name) >= 400) expect(body).toEqual(example);
    const without = Object.keys(one.without ?? {});
    const given = pathsOf(body);
    expect(pathsOf(example).filter((path) => !given.includes(path))).toEqual(without);
  });

  it.each(Object.entries(REQUESTS))('the sandbox accepts the request %s', async (_name, one) => {
    expect(await one.answer(await open(one))).toMatchObject({ status: 200 });
  });
});
