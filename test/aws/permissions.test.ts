import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  actionsOf,
  resourcesOf,
  type Statement,
  statementsOf,
  synthesize,
} from '../support/service/synthesized-stack.ts';

/**
 * What each role may do. No emulator enforces IAM, so a permission that is missing or too many shows up here or in an
 * account.
 */
let template: Template;

beforeAll(() => {
  template = synthesize();
}, 60_000);

const READ = ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query'];
const WRITE = ['dynamodb:BatchWriteItem', 'dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'];
const READ_KEY = ['kms:Decrypt', 'kms:DescribeKey'];
const WRITE_KEY = ['kms:Encrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'];
const REMOVE_ARCHIVES = [
  's3:AbortMultipartUpload',
  's3:DeleteObjectVersion',
  's3:ListBucketMultipartUploads',
  's3:ListBucketVersions',
];
const EVERY = [
  'logs:CreateLogStream',
  'logs:PutLogEvents',
  'xray:PutTelemetryRecords',
  'xray:PutTraceSegments',
];

describe('a function', () => {
  it.each([
    ['ApiGetImportRole', [...READ, ...READ_KEY]],
    ['ApiListImportsRole', [...READ, ...READ_KEY]],
    ['ApiListEntitiesRole', [...READ, ...READ_KEY]],
    ['ApiCreateImportRole', [...READ, ...WRITE, ...READ_KEY, ...WRITE_KEY, 'states:StartExecution']],
    ['ApiCreateUserMappingRole', [...READ, ...WRITE, ...READ_KEY, ...WRITE_KEY]],
    ['ApiGetPlanUsersRole', [...READ, ...READ_KEY]],
    ['ApiGetUserMappingRole', [...READ, ...READ_KEY]],
    ['ApiCancelImportRole', [...READ, ...WRITE, ...READ_KEY, ...WRITE_KEY, 'states:StopExecution']],
    ['ApiVerifyImportRole', [...READ, ...WRITE, ...READ_KEY, ...WRITE_KEY, 'states:StartExecution']],
    ['ApiGetVerificationRole', [...READ, ...READ_KEY]],
    ['ApiGetPlanRole', [...READ, ...READ_KEY]],
    ['ApiListPlansRole', [...READ, ...READ_KEY]],
    ['ApiListPlanEntitiesRole', [...READ, ...READ_KEY]],
    ['ApiListPlanFailuresRole', [...READ, ...READ_KEY]],
    ['ApiCreatePlanRole', [...READ, ...WRITE, ...READ_KEY, ...WRITE_KEY, 'states:StartExecution']],
    ['ApiCancelPlanRole', [...READ, ...WRITE, ...READ_KEY, ...WRITE_KEY, 'states:StopExecution']],
    ['ApiGetArchiveRole', [...READ, ...READ_KEY, 's3:GetObject', 's3:GetObjectVersion']],
    ['ApiNoRouteRole', []],
    ['ApiGetOpenapiRole', []],
    ['WorkflowGroupsLaneRole', [...READ, ...WRITE, ...READ_KEY, ...WRITE_KEY]],
    [
      'WorkflowProjectsLaneRole',
      [
        ...[...READ, ...WRITE, ...READ_KEY, ...WRITE_KEY, ...REMOVE_ARCHIVES],
        ...['s3:GetObject', 's3:GetObjectVersion', 's3:ListBucket'],
      ],
    ],
    [
      'WorkflowArchivesLaneRole',
      [
        ...[...READ, ...WRITE, ...READ_KEY, ...WRITE_KEY, ...REMOVE_ARCHIVES],
        ...['s3:GetObject', 's3:GetObjectVersion', 's3:ListBucket'],
        ...['s3:PutObject', 's3:ListMultipartUploadParts'],
      ],
    ],
    ['WorkflowRecordCrashRole', [...READ, ...WRITE, ...READ_KEY, ...WRITE_KEY]],
    ['WorkflowFailEntityRole', [...READ, ...WRITE, ...READ_KEY, ...WRITE_KEY]],
    ['WorkflowFailImportRole', [...READ, ...WRITE, ...READ_KEY, ...WRITE_KEY, ...REMOVE_ARCHIVES]],
    ['WorkflowFinishImportRole', [...READ, ...WRITE, ...READ_KEY, ...WRITE_KEY, ...REMOVE_ARCHIVES]],
    ['WorkflowStartImportRole', [...READ, ...WRITE, ...READ_KEY, ...WRITE_KEY]],
    [
      'ReconciliationReconcileRole',
      [
        ...[...READ, ...WRITE, ...READ_KEY, ...WRITE_KEY, ...REMOVE_ARCHIVES],
        ...['states:DescribeExecution', 'states:StopExecution'],
        ...['sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage'],
      ],
    ],
  ])('with the role %s may do this and nothing else', (role, actions) => {
    expect(actionsOf(template, role)).toEqual([...new Set([...actions, ...EVERY])].sort());
  });

  it('sends messages to nothing but the dead-letter queue', () => {
    const send = statementsOf(template, '').filter(({ Action }) =>
      [Action].flat().includes('sqs:SendMessage'),
    );

    expect(send.map(({ Resource }) => Resource)).toEqual([
      { 'Fn::GetAtt': [expect.stringMatching(/^ReconciliationDeadLetters/), 'Arn'] },
    ]);
  });

  it('never scans the table and has no managed policy', () => {
    const roles = resourcesOf(template, 'AWS::IAM::Role');
    const statements = statementsOf(template, '');

    expect(statements.flatMap(({ Action }) => Action)).not.toContain('dynamodb:Scan');
    for (const [id, { Properties }] of roles) expect(Properties.ManagedPolicyArns, id).toBeUndefined();
  });

  it('uses the key of the table only through DynamoDB', () => {
    const [statement] = keyStatements('WorkflowGroupsLaneRole', 'kms:GenerateDataKey');

    expect(JSON.stringify(statement?.Condition)).toMatch(/kms:ViaService.*dynamodb/);
  });
});

describe('the archives of projects', () => {
  it('are decrypted for the lanes that carry them and whoever signs their URLs, and only through S3', () => {
    const statements = statementsOf(template, '').filter(({ Resource }) =>
      JSON.stringify(Resource).includes('ArchivesKey'),
    );

    const roles = ['ApiGetArchiveRole', 'WorkflowProjectsLaneRole', 'WorkflowArchivesLaneRole'];
    const granted = roles.flatMap(role => keyStatements(role, 'kms:Decrypt'));
    expect(statements).toHaveLength(roles.length);
    for (const statement of statements) {
      expect(granted).toContainEqual(statement);
      expect(JSON.stringify(statement.Condition)).toMatch(/kms:ViaService.*s3\./);
    }
  });
});

describe('the tokens of an import', () => {
  const condition = {
    Null: { 'kms:EncryptionContext:importId': 'false', 'kms:EncryptionContext:gitlabUrl': 'false' },
    'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['importId', 'gitlabUrl'] },
  };

  it.each(['ApiCreateImportRole', 'ApiCreatePlanRole', 'ApiVerifyImportRole'])(
    'are sealed by %s, for an import id',
    role => {
      expect(tokenKeyStatements(role)).toMatchObject([{ Action: 'kms:Encrypt', Condition: condition }]);
    },
  );

  it('are opened by the lane, for an import id', () => {
    expect(tokenKeyStatements('WorkflowGroupsLaneRole')).toMatchObject([
      { Action: 'kms:Decrypt', Condition: condition },
    ]);
  });

  it.each([
    'ApiGetImportRole',
    'ApiCancelImportRole',
    'WorkflowFinishImportRole',
    'WorkflowRecordCrashRole',
    'WorkflowFailEntityRole',
    'ReconciliationReconcileRole',
  ])('are out of reach for %s', role => {
    expect(tokenKeyStatements(role)).toEqual([]);
  });
});

describe('the state machine', () => {
  it('may invoke every function of the workflow, by name', () => {
    const invoke = statementsOf(template, 'WorkflowStateMachineRole').filter(
      ({ Action }) => Action === 'lambda:InvokeFunction',
    );
    const targets = invoke.flatMap(({ Resource }) => Resource as { 'Fn::GetAtt': [string, string] }[]);
    const workflow = resourcesOf(template, 'AWS::Lambda::Function')
      .map(([id]) => id)
      .filter(id => id.startsWith('Workflow'));

    expect(targets.map(target => target['Fn::GetAtt'][0]).sort()).toEqual(workflow.sort());
  });

  it('may start itself, and follow, stop and redrive the children of its distributed Map, and only its own', () => {
    const actions = ['states:StartExecution', 'states:DescribeExecution', 'states:RedriveExecution'];
    const statements = statementsOf(template, 'WorkflowStateMachineRole').filter(({ Action }) =>
      [Action].flat().some(action => action.startsWith('states:')),
    );

    expect(statements.flatMap(({ Action }) => Action)).toEqual(
      expect.arrayContaining([...actions, 'states:StopExecution']),
    );
    for (const statement of statements) expect(statement.Resource).not.toBe('*');
    expect(JSON.stringify(statements)).toContain('WorkflowStateMachine');
    const [start] = statements.filter(({ Action }) => [Action].flat().includes('states:StartExecution'));
    expect(start?.Resource).toEqual({ Ref: expect.stringMatching(/^WorkflowStateMachine[0-9A-F]+$/) });
  });
});

function keyStatements(role: string, action: string): Statement[] {
  return statementsOf(template, role).filter(({ Action }) => [Action].flat().includes(action));
}

function tokenKeyStatements(role: string): Statement[] {
  return statementsOf(template, role).filter(({ Resource }) => JSON.stringify(Resource).includes('TokenKey'));
}
