import type { BatchRequest } from './request.js';

/** What asking one applicant for the chosen checks costs, in the vendor's credits. */
export const costOfOne = ({ checks = [], tariff }: Pick<BatchRequest, 'checks' | 'tariff'>): number =>
  checks.reduce((sum, check) => sum + tariff[check], 0);

/** True where one more applicant is within the budget. */
export const withinBudget = (
  request: Pick<BatchRequest, 'checks' | 'tariff' | 'creditBudget'>,
  spent: number,
): boolean => request.creditBudget === undefined || spent + costOfOne(request) <= request.creditBudget;
