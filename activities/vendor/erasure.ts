import * as E from 'fp-ts/lib/Either.js';
import type { VendorErasureActivities } from '../../contract/activities.js';
import type { VerifikClient, VerifikError } from '../../verifik/index.js';
import { callOptions, fail } from './vendor-call.js';

const HTTP_FORBIDDEN = 403;

/** True if a retry may have another answer. Verifik can refuse a single call with 403; other credentials are wrong. */
const isRetryable = ({ type, status }: VerifikError): boolean =>
  type === 'Transient' ||
  type === 'UnexpectedVendorResponse' ||
  type === 'Cancelled' ||
  (type === 'Credentials' && status !== HTTP_FORBIDDEN);

export const vendorErasureActivities = (verifik: VerifikClient): VendorErasureActivities => ({
  async listVendorRecords({ appRegistrationId }) {
    const read = await verifik.getVendorRecords(appRegistrationId, callOptions())();
    if (E.isRight(read)) return read.right;
    return isRetryable(read.left) ? fail(read.left) : [{ kind: 'registration', id: appRegistrationId }];
  },

  async deleteVendorRecord(record) {
    const deleted = await verifik.deleteVendorRecord(record, callOptions())();
    if (E.isRight(deleted)) return { answer: 'deleted' };
    const { left: error } = deleted;
    if (error.type === 'NotFound') return { answer: 'notFound' };
    return isRetryable(error) ? fail(error) : { answer: 'refused', code: error.code };
  },
});
