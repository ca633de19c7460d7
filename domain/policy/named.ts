import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import { closed, decodeFields, type FieldError, type Read, recordOf, refined } from '../../shared/decoding.js';
import { PolicyName } from '../ids.js';
import { PolicyFields, policyConflicts } from './fields.js';

const Canary = closed(
  t.type({
    policy: PolicyName,
    share: refined(t.number, 'a number from 0 to 1', (share) => share >= 0 && share <= 1),
  }),
);

const Entry = closed(
  t.intersection([t.type({ version: PolicyName, policy: PolicyFields }), t.partial({ canary: Canary })]),
);

const PoliciesFile = closed(t.type({ policies: recordOf(PolicyName, Entry) }));

/** A policy of the file. `canary` names another one, which a share (0 to 1) of new onboardings gets in its place. */
export type PolicyEntry = t.TypeOf<typeof Entry>;

/** The policies of the file by name. */
export type NamedPolicies = ReadonlyMap<string, PolicyEntry>;

/** A canary's policy is another one of the file, and has no canary of its own. */
const canaryProblems = (policies: NamedPolicies, name: string, { canary }: PolicyEntry): readonly FieldError[] => {
  if (canary === undefined) return [];
  const target = policies.get(canary.policy);
  const isFit = target !== undefined && target.canary === undefined && canary.policy !== name;
  return isFit
    ? []
    : [{ field: 'canary.policy', expected: 'the name of another policy of the file that has no canary itself' }];
};

/** Decodes the content of the file of policies. Reports every invalid field. */
const decodePolicies = (content: unknown): Read<NamedPolicies> =>
  pipe(
    decodeFields(PoliciesFile)(content),
    E.chain((file) => {
      const policies: NamedPolicies = new Map(Object.entries(file.policies));
      const errors = [...policies].flatMap(([name, entry]) =>
        [...policyConflicts(entry.policy), ...canaryProblems(policies, name, entry)].map(({ field, expected }) => ({
          field: `policies.${name}.${field}`,
          expected,
        })),
      );
      return errors.length === 0 ? E.right(policies) : E.left(errors);
    }),
  );

/** The file of policies: the variable that names it, its description in messages, and its content. */
export const POLICIES_FILE = {
  env: 'ONBOARDING_POLICIES_FILE',
  what: 'file of policies',
  decode: decodePolicies,
} as const;
