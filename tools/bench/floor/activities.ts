export const floorActivities = {
  nothing: async (): Promise<string> => 'nothing',
};

export type FloorActivities = typeof floorActivities;
