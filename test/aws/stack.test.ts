import { Match, type Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { FALLBACK_HANDLER, ROUTES } from '../../lambdas/api/routes.ts';
import { TIMEOUT_SECONDS } from '../../lambdas/platform/timeouts.ts';
import { LANES, RECONCILE, WORKFLOW_STEPS } from '../../lambdas/workflow/steps.ts';
import { type Resource, resourcesOf, synthesize } from '../support/service/synthesized-stack.ts';

const RECONCILE_FUNCTION = Match.stringLikeRegexp('^ReconciliationReconcile');

/** Descriptions of the functions that run entities. */
const LANE_FUNCTIONS = Object.keys(LANES).map(
  lane => `Runs all pipelines of an entity, in the lane of ${lane}`,
);

let template: Template;

beforeAll(() => {
  template = synthesize();
}, 60_000);

const functions = () => resourcesOf(template, 'AWS::Lambda::Function');
const described = () => functions().map(([, { Properties }]) => String(Properties.Description));

describe('the functions', () => {
  it('are one per route, lane and step, and the ones beside the tables', () => {
    const expected = [
      ...ROUTES.map(({ method, path }) => `${method} ${path}`),
      ...LANE_FUNCTIONS,
      ...Object.values(WORKFLOW_STEPS).map(file => `Step ${file} of the import workflow`),
    ];

    expect(described()).toEqual(expect.arrayContaining(expected));
    expect(FALLBACK_HANDLER && RECONCILE).toBeTruthy();
  });

  it('know what the operator demands of sources, if anything', () => {
    const settings = {
      sourcePorts: '443,8443',
      requireDirectTransfer: 'true',
      allowLoopback: 'true',
      responseMegabytes: '8',
      runMegabytes: '200',
      pagesPerList: '50',
      entitiesPerImport: '100',
    };
    const chosen = resourcesOf(synthesize(settings), 'AWS::Lambda::Function');
    const valuesOf = (all: [string, Resource][], name: string) =>
      all.flatMap(([, { Properties }]) => {
        const { Variables = {} } = (Properties.Environment ?? {}) as { Variables?: Record<string, unknown> };
        return 'DESTINATION_GITLAB_URL' in Variables ? [Variables[name]] : [];
      });

    for (const [name, value] of [
      ['SOURCE_PORTS', '443,8443'],
      ['REQUIRE_DIRECT_TRANSFER', 'true'],
      ['ALLOW_LOOPBACK', 'true'],
      ['RESPONSE_MEGABYTES', '8'],
      ['RUN_MEGABYTES', '200'],
      ['PAGES_PER_LIST', '50'],
      ['ENTITIES_PER_IMPORT', '100'],
    ] as const) {
      expect(new Set(valuesOf(chosen, name))).toEqual(new Set([value]));
      expect(new Set(valuesOf(functions(), name))).toEqual(new Set([undefined]));
    }
  }, 60_000);

  it('run on Node 24 on arm64, are traced and log as JSON into a group of their own', () => {
    const groups = new Set<string>();
    for (const [id, { Properties }] of functions()) {
      expect(Properties, id).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        TracingConfig: { Mode: 'Active' },
        LoggingConfig: { LogFormat: 'JSON', LogGroup: { Ref: expect.any(String) } },
      });
      groups.add((Properties.LoggingConfig as { LogGroup: { Ref: string } }).LogGroup.Ref);
    }
    expect(groups.size).toBe(functions().length);
  });

  it('have a role each', () => {
    const roles = functions().map(([, { Properties }]) => JSON.stringify(Properties.Role));

    expect(new Set(roles).size).toBe(functions().length);
  });

  it('have the time that their kind may take', () => {
    const timeoutOf = (description: string) =>
      functions().find(([, { Properties }]) => Properties.Description === description)?.[1].Properties
        .Timeout;

    expect(timeoutOf('POST /api/v4/bulk_imports')).toBe(TIMEOUT_SECONDS.api);
    expect(timeoutOf(LANE_FUNCTIONS[0] ?? '')).toBe(TIMEOUT_SECONDS.lane);
    expect(timeoutOf('Step start-import of the import workflow')).toBe(TIMEOUT_SECONDS.workflow);
  });

  it('are all logged for a limited time', () => {
    for (const [id, { Properties }] of resourcesOf(template, 'AWS::Logs::LogGroup')) {
      expect(Properties.RetentionInDays, id).toBe(90);
    }
  });
});

describe('the HTTP API', () => {
  const keys = () =>
    resourcesOf(template, 'AWS::ApiGatewayV2::Route').map(([, { Properties }]) => Properties.RouteKey);

  it('has a route per line of the route table, HEAD beside GET, and one for the rest', () => {
    const expected = ROUTES.flatMap(({ method, path }) =>
      method === 'GET' ? [`GET ${path}`, `HEAD ${path}`] : [`POST ${path}`],
    );

    expect(keys().sort()).toEqual([...expected, '$default'].sort());
  });

  it('has the routes before the stage that throttles them by name', () => {
    const [[, stage] = ['', undefined]] = resourcesOf(template, 'AWS::ApiGatewayV2::Stage');
    const routes = resourcesOf(template, 'AWS::ApiGatewayV2::Route').map(([id]) => id);

    expect((stage as Resource).DependsOn).toEqual(expect.arrayContaining(routes));
  });

  it('throttles, POST more than the rest, and writes an access log without query and path', () => {
    const [[, stage] = ['', undefined]] = resourcesOf(template, 'AWS::ApiGatewayV2::Stage');
    const properties = (stage as Resource).Properties as {
      DefaultRouteSettings: { ThrottlingRateLimit: number };
      RouteSettings: Record<string, { ThrottlingRateLimit: number }>;
      AccessLogSettings: { Format: string };
    };
    const post = properties.RouteSettings['POST /api/v4/bulk_imports']?.ThrottlingRateLimit ?? 0;

    expect(post).toBeGreaterThan(0);
    expect(post).toBeLessThan(properties.DefaultRouteSettings.ThrottlingRateLimit);
    expect(properties.AccessLogSettings.Format).toContain('$context.requestId');
    // The token of a link to an archive is in the path.
    expect(properties.AccessLogSettings.Format).not.toMatch(/query|header|path/i);
  });
});

describe('the bucket of archives', () => {
  it('is private, has versions and a key of its own, and forgets', () => {
    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      Properties: Match.objectLike({
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        VersioningConfiguration: { Status: 'Enabled' },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            Match.objectLike({
              ServerSideEncryptionByDefault: {
                SSEAlgorithm: 'aws:kms',
                KMSMasterKeyID: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ArchivesKey'), 'Arn'] },
              },
            }),
          ],
        },
        LifecycleConfiguration: {
          Rules: [
            Match.objectLike({
              ExpirationInDays: 3,
              NoncurrentVersionExpiration: { NoncurrentDays: 1 },
              AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
            }),
          ],
        },
      }),
    });
  });

  it('is reached by TLS only', () => {
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ]),
      },
    });
  });

  it('is known to the functions, and its links to the lanes', () => {
    for (const [, { Properties }] of resourcesOf(template, 'AWS::Lambda::Function')) {
      if (Properties.Runtime !== 'nodejs24.x') continue;
      const { Variables } = Properties.Environment as { Variables: Record<string, unknown> };
      expect(Variables.ARCHIVES_BUCKET).toEqual({ Ref: expect.stringMatching(/^ArchivesBucket/) });
      expect('ARCHIVE_LINKS_URL' in Variables).toBe(LANE_FUNCTIONS.includes(String(Properties.Description)));
    }
  });
});

const STARTERS = ['', '/plans', '/{import_id}/retry', '/{import_id}/verify'].map(
  path => `POST /api/v4/bulk_imports${path}`,
);

it('tells the rates of projects to all who take turns: the lanes, and the functions that start imports', () => {
  const told = resourcesOf(synthesize({ projectImportsPerMinute: '30' }), 'AWS::Lambda::Function')
    .filter(([, { Properties }]) => {
      const { Variables = {} } = (Properties.Environment ?? {}) as { Variables?: Record<string, unknown> };
      return Variables.PROJECT_IMPORTS_PER_MINUTE === '30';
    })
    .map(([, { Properties }]) => String(Properties.Description));

  expect(told.sort()).toEqual([...STARTERS, ...LANE_FUNCTIONS].sort());
});

describe('the data', () => {
  it('is kept, recoverable, encrypted by an own key and paid by request', () => {
    template.hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: Match.objectLike({
        BillingMode: 'PAY_PER_REQUEST',
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: Match.anyValue() },
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
        GlobalSecondaryIndexes: [
          Match.objectLike({ IndexName: 'lists', Projection: { ProjectionType: 'KEYS_ONLY' } }),
          Match.objectLike({ IndexName: 'statuses', Projection: { ProjectionType: 'KEYS_ONLY' } }),
        ],
      }),
    });
    for (const [id, key] of resourcesOf(template, 'AWS::KMS::Key')) {
      expect(key, id).toMatchObject({ DeletionPolicy: 'Retain', Properties: { EnableKeyRotation: true } });
    }
  });

  it('goes with the stack only when that is asked for', () => {
    synthesize({ removeDataOnDestroy: 'true' }).hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Delete',
      Properties: Match.objectLike({ DeletionProtectionEnabled: false }),
    });
  });
});

describe('the workflow', () => {
  it('is traced and logged whole, without the data', () => {
    template.hasResourceProperties('AWS::StepFunctions::StateMachine', {
      StateMachineType: 'STANDARD',
      TracingConfiguration: { Enabled: true },
      LoggingConfiguration: Match.objectLike({ Level: 'ALL', IncludeExecutionData: false }),
    });
  });

  it('has an ARN for every placeholder of its definition', () => {
    const [[, machine] = ['', undefined]] = resourcesOf(template, 'AWS::StepFunctions::StateMachine');
    const { DefinitionString, DefinitionSubstitutions } = (machine as Resource).Properties as {
      DefinitionString: string;
      DefinitionSubstitutions: Record<string, unknown>;
    };
    const placeholders = [...DefinitionString.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name);

    expect(new Set(placeholders)).toEqual(new Set(Object.keys(DefinitionSubstitutions)));
  });

  it('is watched: executions that end badly and a clock call Reconcile', () => {
    const target = [Match.objectLike({ Arn: { 'Fn::GetAtt': [RECONCILE_FUNCTION, 'Arn'] } })];
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.states'],
        'detail-type': ['Step Functions Execution Status Change'],
        detail: { stateMachineArn: [Match.anyValue()], status: ['FAILED', 'TIMED_OUT', 'ABORTED'] },
      },
      Targets: target,
    });
    template.hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(15 minutes)',
      Targets: target,
    });
  });

  it('puts events that cannot be delivered to Reconcile, and those that it fails at, into one queue', () => {
    const queues = resourcesOf(template, 'AWS::SQS::Queue').map(([id]) => ({ 'Fn::GetAtt': [id, 'Arn'] }));
    const targets = resourcesOf(template, 'AWS::Events::Rule').flatMap(
      ([, { Properties }]) => Properties.Targets as Record<string, unknown>[],
    );

    expect(queues).toHaveLength(1);
    expect(targets).toHaveLength(2);
    for (const target of targets) {
      expect(target).toMatchObject({
        DeadLetterConfig: { Arn: queues[0] },
        RetryPolicy: { MaximumRetryAttempts: 4, MaximumEventAgeInSeconds: 3600 },
      });
    }
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      FunctionName: { Ref: RECONCILE_FUNCTION },
      DestinationConfig: { OnFailure: { Destination: queues[0] } },
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: 3600,
    });
  });
});

describe('a VPC', () => {
  it('holds the functions that speak to a GitLab, and no others', () => {
    const inVpc = synthesize({
      vpcId: 'vpc-1',
      subnetIds: 'subnet-1,subnet-2',
      availabilityZones: 'us-east-1a,us-east-1b',
    });
    const placed = resourcesOf(inVpc, 'AWS::Lambda::Function')
      .filter(([, { Properties }]) => Properties.VpcConfig !== undefined)
      .map(([, { Properties }]) => String(Properties.Description));

    expect(placed.sort()).toEqual(
      [
        ...ROUTES.filter(({ handler }) => !['get-openapi', 'get-archive'].includes(handler)).map(
          ({ method, path }) => `${method} ${path}`,
        ),
        ...LANE_FUNCTIONS,
      ].sort(),
    );
  });
});
