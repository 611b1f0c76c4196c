import { diffFields } from "./diff.ts";
import { coerce, type Field, type Fields, isEmpty, isInput, plan, sameElement } from "./fields.ts";
import { autoname } from "./names.ts";
import {
    type Call,
    type CheckFailure,
    type CheckRequest,
    type Diff,
    type DiffRequest,
    isInitError,
    type Resource,
    type State,
} from "./resource.ts";
import {
    equal,
    isObject,
    isUnknown,
    list,
    markSecret,
    type Props,
    texts,
    type Value,
    withoutNulls,
} from "./values.ts";

/** A resource of a provider that is bridged from Terraform: everything but the work itself follows from its fields. */
export interface Bridged {
    fields: Fields;
    /** Providers on Terraform's older SDK record filled-in defaults among the inputs and keep nulls in the outputs. */
    sdk?: "v2" | "framework";
    /** Some of them record even a default that is empty. */
    emptyDefaults?: boolean;
    validate?: (inputs: Props) => CheckFailure[];
    /** What the inputs imply for others, where the two are the same thing. */
    implied?: (inputs: Props) => Props;
    /** Further changes that no single field tells. */
    alsoDiff?: (request: DiffRequest, details: Diff["details"]) => void;
    create(inputs: Props, call: Call): Promise<State>;
    /** `undefined` when it is gone. */
    read?(id: string, olds: Props, call: Call): Promise<Props | undefined>;
    update?(id: string, olds: Props, news: Props, call: Call): Promise<Props>;
    delete?(id: string, olds: Props, call: Call): Promise<void>;
}

export function bridged(spec: Bridged): Resource {
    const v2 = spec.sdk !== "framework";
    const secrets = Object.keys(spec.fields).filter((name) => spec.fields[name]?.secret);
    const told = <T>(doing: string, call: Call, work: Promise<T>): Promise<T> =>
        v2 ? asMultierror(doing, call, work) : work;
    const imply = (inputs: Props): Props => ({ ...spec.implied?.(inputs), ...inputs });
    const finish = (outputs: Props): Props => markSecret(v2 ? outputs : withoutNulls(outputs), secrets);
    const finishState = (state: State): State => ({
        id: state.id,
        outputs: finish({ ...state.outputs, id: state.id }),
    });
    const resource: Resource = {
        check(request) {
            const inputs = checkInputs(spec, request, v2);
            return { inputs: markSecret(inputs, secrets), failures: spec.validate?.(inputs) ?? [] };
        },
        diff(request) {
            const details = diffFields(spec.fields, request.olds, imply(request.news));
            spec.alsoDiff?.(request, details);
            const replaces = Object.values(details).some((kind) => kind.endsWith("-replace"));
            return { details, deleteBeforeReplace: replaces && v2 && namedByHand(spec.fields, request.news) };
        },
        preview: (news, olds) => finish(plan(spec.fields, imply(news), olds)),
        create: async (inputs, call) => {
            const made = spec.create(imply(inputs), call).catch((error) => {
                throw isInitError(error)
                    ? Object.assign(error, { created: finishState(error.created) })
                    : error;
            });
            return finishState(await told("", call, made));
        },
        async read(id, olds, inputs, call) {
            const outputs = spec.read ? await told("refreshing", call, spec.read(id, olds, call)) : olds;
            if (outputs === undefined) return undefined;
            // An import has nothing recorded to start from.
            const imported =
                Object.keys(inputs).length === 0 && Object.keys(olds).every((name) => name === "id");
            const fresh = imported
                ? importedInputs(spec.fields, outputs, v2)
                : refreshedInputs(spec.fields, inputs, outputs);
            return { ...finishState({ id, outputs }), inputs: markSecret(fresh, secrets) };
        },
        update: async (id, olds, news, call) => {
            const outputs = spec.update
                ? await spec.update(id, olds, news, call)
                : plan(spec.fields, news, olds);
            return finish({ ...outputs, id });
        },
    };
    const remove = spec.delete;
    if (remove) resource.delete = (id, olds, call) => told("deleting", call, remove(id, olds, call));
    return resource;
}

// How the bridge hands on what Terraform's older SDK reports.
async function asMultierror<T>(doing: string, { urn }: Call, work: Promise<T>): Promise<T> {
    return work.catch((error: Error) => {
        const verb = isInitError(error) ? "creating" : doing;
        const message = `${verb === "" ? "" : `${verb} ${urn}: `}1 error occurred:\n\t* ${error.message}\n\n`;
        throw Object.assign(error, { message });
    });
}

function checkInputs(spec: Bridged, request: CheckRequest, v2: boolean): Props {
    const inputs: Props = {};
    const defaults: string[] = [];
    for (const [name, field] of Object.entries(spec.fields)) {
        const given = request.news[name];
        if (given !== undefined && given !== null && isInput(field)) {
            inputs[name] = v2 ? withDefaultsList(coerce(field, given)) : coerce(field, given);
            continue;
        }
        const filled = field.autoname
            ? named(name, request)
            : v2 && (spec.emptyDefaults || !isEmpty(field.default))
              ? field.default
              : undefined;
        if (filled === undefined || filled === null) continue;
        inputs[name] = filled;
        defaults.push(name);
    }
    return v2 ? { ...inputs, __defaults: defaults.sort() } : inputs;
}

function withDefaultsList(value: Value): Value {
    if (Array.isArray(value)) return value.map(withDefaultsList);
    return isObject(value) ? { ...value, __defaults: [] } : value;
}

function named(property: string, { name, olds, seed, autonaming }: CheckRequest): Value | undefined {
    const old = olds[property];
    if (old !== undefined && old !== null && texts(olds.__defaults).includes(property)) return old;
    if (autonaming?.mode === "disable") return undefined;
    return autonaming?.proposedName ? autonaming.proposedName : autoname(name, seed);
}

// A name given by hand may be taken until the old resource is gone.
function namedByHand(fields: Fields, news: Props): boolean {
    if (!Array.isArray(news.__defaults)) return false;
    const defaults = texts(news.__defaults);
    return Object.keys(news).some((name) => fields[name]?.autoname && !defaults.includes(name));
}

/** The inputs that belong to what was read: as given where they still mean the same. */
function refreshedInputs(fields: Fields, inputs: Props, outputs: Props): Props {
    const fresh: Props = {};
    const changed = new Set<string>();
    for (const [name, old] of Object.entries(inputs)) {
        const field = fields[name];
        if (!field) continue;
        const next = outputs[name];
        if (next === undefined) changed.add(name);
        else fresh[name] = refreshed(field, old, next, inputs);
        if (!equal(fresh[name], old)) changed.add(name);
    }
    if (!Array.isArray(inputs.__defaults)) return fresh;
    return { ...fresh, __defaults: texts(inputs.__defaults).filter((name) => !changed.has(name)) };
}

function refreshed(field: Field, old: Value, next: Value, inputs: Props): Value {
    if (field.recorded || (next !== null && field.same?.(next, old, inputs))) return old;
    if (isUnknown(old)) return next;
    if (field.type === "set" && Array.isArray(old)) {
        const element = field.of ?? { type: "string" };
        return old.filter((item) => list(next).some((other) => sameElement(element, item, other)));
    }
    return next;
}

function importedInputs(fields: Fields, outputs: Props, v2: boolean): Props {
    const inputs: Props = v2 ? { __defaults: [] } : {};
    for (const [name, field] of Object.entries(fields)) {
        const value = outputs[name];
        if (value === undefined || !isInput(field) || isEmpty(value) || value === field.default) continue;
        inputs[name] = v2 ? withDefaultsList(value) : value;
    }
    return inputs;
}
