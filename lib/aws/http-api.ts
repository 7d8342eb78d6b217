import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  type CfnStage,
  HttpApi,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpRoute,
  HttpRouteKey,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { FALLBACK_HANDLER, type Grant, ROUTES, type Route } from '../../lambdas/api/routes.ts';
import { acknowledge } from './acknowledge.ts';
import type { ArchiveBucket } from './archive-bucket.ts';
import type { DataStore } from './data-store.ts';
import { grantOnExecutions } from './executions.ts';
import { type FunctionDefaults, ServiceFunction } from './service-function.ts';

/** Requests per second over all callers. Each costs the destination at most two requests a minute per token. */
const REQUESTS_PER_SECOND = 100;
/** A POST checks both GitLabs; GitLab itself allows 6 per minute and user. */
const POSTS_PER_SECOND = 5;

/** MB with which a function has one CPU. */
const WHOLE_CPU = 1769;

/** What its functions need. */
export interface ApiProps {
  archives: ArchiveBucket;
  dataStore: DataStore;
  stateMachine: StateMachine;
  defaults: FunctionDefaults;
  /** Environment variables of the function that starts imports. */
  startVariables: Record<string, string>;
}

/**
 * The HTTP API: one route and one function per line of the route table, and a function for everything else. There is
 * no authorizer, since an HTTP API's cannot answer with GitLab's bodies; every handler checks the token itself, but
 * the one that only describes the API.
 */
export class Api extends Construct {
  readonly httpApi: HttpApi;
  readonly accessLogs: LogGroup;
  /** By the name of the handler, e.g. `create-import`. */
  readonly functions = new Map<string, ServiceFunction>();

  /** Makes the API without its routes: the lanes give its address away, and its functions start the workflow of the lanes. */
  constructor(scope: Construct, id: string, { defaults }: Pick<ApiProps, 'defaults'>) {
    super(scope, id);
    this.httpApi = new HttpApi(this, 'HttpApi', {
      description: "GitLab's Bulk Imports API",
      createDefaultStage: false,
      defaultAuthorizer: new HttpNoneAuthorizer(),
    });
    acknowledge(
      this,
      'APIG4',
      "An HTTP API's authorizer cannot answer with GitLab's bodies, so each handler checks the token itself.",
    );
    this.accessLogs = new LogGroup(this, 'AccessLogs', {
      retention: defaults.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  /** Adds all routes, and the stage that serves them. */
  serve(props: ApiProps): void {
    for (const route of ROUTES) this.#addRoute(route, props);
    // Not `/{proxy+}`, which leaves out the root.
    new HttpRoute(this.httpApi, 'Fallback', {
      httpApi: this.httpApi,
      routeKey: HttpRouteKey.DEFAULT,
      integration: integrationOf(
        this.#function({ handler: FALLBACK_HANDLER, grants: [] }, 'Everything that is no route', props),
      ),
    });
    this.#addStage();
  }

  #addRoute(route: Route, props: ApiProps): void {
    const target = this.#function(route, `${route.method} ${route.path}`, props);
    this.httpApi.addRoutes({
      path: route.path,
      methods: route.method === 'GET' ? [HttpMethod.GET, HttpMethod.HEAD] : [HttpMethod.POST],
      integration: integrationOf(target),
    });
  }

  #function(
    { handler: file, grants, needsCpu }: { handler: string; grants: readonly Grant[]; needsCpu?: true },
    description: string,
    props: ApiProps,
  ): ServiceFunction {
    const { archives, dataStore, stateMachine, defaults, startVariables } = props;
    const id = file.replaceAll(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase());
    const target = new ServiceFunction(this, id, {
      kind: 'api',
      file,
      description,
      defaults,
      ...(needsCpu && { memory: WHOLE_CPU }),
      speaksToGitLab: grants.some(grant => grant !== 'archives'),
      environment: {
        ...(grants.includes('start') && startVariables),
        ...(grants.some(grant => ['start', 'describe', 'stop'].includes(grant)) && {
          STATE_MACHINE_ARN: stateMachine.stateMachineArn,
        }),
      },
    });
    if (grants.includes('read')) dataStore.grantReadItems(target);
    if (grants.includes('write')) dataStore.grantItems(target);
    if (grants.includes('archives')) {
      dataStore.grantReadItems(target);
      archives.grantSign(target);
    }
    if (grants.includes('start')) {
      dataStore.grantSealTokens(target);
      stateMachine.grantStartExecution(target);
    }
    if (grants.includes('describe')) {
      grantOnExecutions(this, 'DescribeExecutions', {
        role: target.ownRole,
        stateMachine,
        actions: ['states:DescribeExecution'],
      });
    }
    if (grants.includes('stop')) {
      grantOnExecutions(target, 'StopExecutions', {
        role: target.ownRole,
        stateMachine,
        actions: ['states:StopExecution'],
      });
    }
    this.functions.set(file, target);
    return target;
  }

  #addStage(): void {
    const stage = this.httpApi.addStage('Stage', {
      autoDeploy: true,
      detailedMetricsEnabled: true,
      throttle: { rateLimit: REQUESTS_PER_SECOND, burstLimit: 2 * REQUESTS_PER_SECOND },
      accessLogSettings: {
        destination: new LogGroupLogDestination(this.accessLogs),
        // No query and no path: a token of a GitLab can be in the one, that of a link to an archive in the other.
        format: AccessLogFormat.custom(
          JSON.stringify({
            requestId: '$context.requestId',
            time: '$context.requestTime',
            sourceIp: '$context.identity.sourceIp',
            route: '$context.routeKey',
            status: '$context.status',
            responseLength: '$context.responseLength',
            latency: '$context.responseLatency',
            integrationError: '$context.integrationErrorMessage',
          }),
        ),
      },
    });
    (stage.node.defaultChild as CfnStage).routeSettings = Object.fromEntries(
      ROUTES.filter(({ method }) => method === 'POST').map(({ method, path }) => [
        `${method} ${path}`,
        {
          ThrottlingRateLimit: POSTS_PER_SECOND,
          ThrottlingBurstLimit: 2 * POSTS_PER_SECOND,
          DetailedMetricsEnabled: true,
        },
      ]),
    );
    // Route settings name routes, which must be there first.
    stage.node.addDependency(...this.httpApi.node.children.filter(child => child instanceof HttpRoute));
  }
}

function integrationOf(target: ServiceFunction): HttpLambdaIntegration {
  return new HttpLambdaIntegration(`${target.node.id}Integration`, target, { timeout: Duration.seconds(29) });
}
