import { type Alarm, AlarmStatusWidget, type IWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { FULL, heading } from './widgets.ts';

/** Is anything wrong: the state of every alarm. */
export function healthRows(alarms: Alarm[]): IWidget[][] {
  return [
    [heading('Is anything wrong?', 'Red: open the alarm; its description names the article of the runbook.')],
    [new AlarmStatusWidget({ title: 'Alarms', width: FULL, height: 5, alarms })],
  ];
}
