/** The activities of your own system. These keep everything in memory. */

const accounts = new Map<string, string>();

export const activities = {
  /** May be repeated: a customer has one account. */
  async openAccount({ customer }: { customer: string; appRegistrationId: string }): Promise<string> {
    const account = accounts.get(customer) ?? `account-${accounts.size + 1}`;
    accounts.set(customer, account);
    return account;
  },

  async decline({ customer, sentence }: { customer: string; sentence: string }): Promise<void> {
    console.log(`${customer} gets no account: ${sentence}`);
  },
};

export type Accounts = typeof activities;
