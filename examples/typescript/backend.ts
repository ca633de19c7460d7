/**
 * A Node backend that onboards its customers with the client. The ids of its customers are the references, so that it
 * stores nothing itself.
 *
 *   POST /customers/:id/onboarding  {"email": "…", "fullName": "…"}   starts or resumes; returns a token for the device
 *   GET  /customers/:id/onboarding                                    returns the status
 */
import Fastify from 'fastify';
import { connectOnboardingClient, OnboardingError } from 'verifik-onboarding-client';

const {
  ONBOARDING_CONTACT_KEY: contactKey = '',
  VERIFIK_PROJECT: project = '',
  VERIFIK_PROJECT_FLOW: projectFlow = '',
  PORT = '3000',
} = process.env;

const { client, close } = await connectOnboardingClient({ contactKey });

const customer = {
  params: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
  body: {
    type: 'object',
    required: ['email', 'fullName'],
    properties: { email: { type: 'string' }, fullName: { type: 'string' } },
  },
} as const;

interface Customer {
  readonly Params: { readonly id: string };
}

interface NewCustomer extends Customer {
  readonly Body: { readonly email: string; readonly fullName: string };
}

const workflowIdOf = (id: string) => `onboarding-${id}`;

const app = Fastify();

app.post<NewCustomer>('/customers/:id/onboarding', { schema: customer }, async ({ params: { id }, body }) => {
  const { email, fullName } = body;
  const request = { project, projectFlow, contact: { email }, fullName };
  // Safe to repeat: the same reference returns the same onboarding with a live token.
  const { appRegistrationId, token, expiresAt } = await client.start(request, { reference: id });
  return { appRegistrationId, token, expiresAt };
});

app.get<Customer>('/customers/:id/onboarding', { schema: { params: customer.params } }, async ({ params: { id } }) => {
  const { phase, decision, awaiting, pending } = await client.status(workflowIdOf(id));
  return { phase, outcome: decision?.outcome ?? null, awaiting: awaiting.what, pending };
});

const STATUS: Partial<Record<OnboardingError['type'], number>> = {
  InvalidRequest: 422,
  RefusedByPolicy: 422,
  NotFound: 404,
  AlreadyEnded: 409,
};

app.setErrorHandler(async (error, _request, reply) => {
  if (!(error instanceof OnboardingError)) throw error;
  // `advice` describes what to do. Messages name fields and codes, never personal data.
  return reply
    .code(STATUS[error.type] ?? 503)
    .send({ error: error.type, message: error.message, advice: error.advice });
});

const url = await app.listen({ port: Number(PORT) });
process.stdout.write(`listening on ${url}\n`);

process.once('SIGTERM', async () => {
  await app.close();
  await close();
});
