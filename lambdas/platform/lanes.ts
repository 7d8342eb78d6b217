/** The lanes: Lambdas that run entities, by what they need. Groups begin in `groups`, projects in `projects`. */
export const LANE_NAMES = ['groups', 'projects', 'archives'] as const;
export type LaneName = (typeof LANE_NAMES)[number];
export type LaneVariable = `${Uppercase<LaneName>}_LANE`;

/** The environment variable that names a lane's function. */
export const laneVariable = (name: LaneName) => `${name.toUpperCase()}_LANE` as LaneVariable;
