import * as E from 'fp-ts/lib/Either.js';
import type { VendorErasureActivities } from '../../contract/activities.js';
import type { VerifikAccounts } from '../../verifik/index.js';
import { keptAlive } from '../keep-alive.js';
import { verifikOf } from './account.js';
import { callOptions, fail, isRefusal } from './vendor-call.js';

export const vendorErasureActivities = (accounts: VerifikAccounts): VendorErasureActivities => ({
  listVendorRecords: keptAlive(async ({ project, appRegistrationId }) => {
    const verifik = await verifikOf(accounts, project);
    const read = await verifik.getVendorRecords(appRegistrationId, callOptions())();
    if (E.isRight(read)) return read.right;
    return isRefusal(read.left) ? [{ kind: 'registration', id: appRegistrationId }] : fail(read.left);
  }),

  deleteVendorRecord: keptAlive(async ({ project, ...record }) => {
    const verifik = await verifikOf(accounts, project);
    const deleted = await verifik.deleteVendorRecord(record, callOptions())();
    if (E.isRight(deleted)) return { answer: 'deleted' };
    const { left: error } = deleted;
    if (error.type === 'NotFound') return { answer: 'notFound' };
    return isRefusal(error) ? { answer: 'refused', code: error.code } : fail(error);
  }),
});
