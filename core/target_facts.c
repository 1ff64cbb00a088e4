#include "core/target_facts.h"

#include <string.h>

static const char *label_of(target_facts_t *facts, const char *name)
{
    if (!facts->target->labels)
        return NULL;
    if (!facts->labels)
        facts->labels = json_loads(facts->target->labels, 0, NULL);
    return json_string_value(json_object_get(facts->labels, name));
}

const char *target_fact(const char *name, void *context)
{
    target_facts_t *facts = context;
    const target_t *target = facts->target;
    if (strcmp(name, "component") == 0 || strcmp(name, "name") == 0)
        return target->name;
    if (strcmp(name, "kind") == 0)
        return target_kind_name((int)target->kind);
    if (strcmp(name, "type") == 0)
        return probe_type_name(target->type);
    if (strcmp(name, "critical") == 0)
        return target->is_critical ? "true" : "false";
    return label_of(facts, name);
}

void target_facts_clear(target_facts_t *facts)
{
    json_decref(facts->labels);
    facts->labels = NULL;
}
