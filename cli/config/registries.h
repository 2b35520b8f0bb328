// cli/config/registries.h - the schema registry of a cluster, and what of it a flow mirrors.
//
// Errors:  into Findings, on the line of the key.
// Threads: free functions.
// Source:  the names of Confluent's clients, behind schema.registry.: basic.auth.user.info,
//          bearer.auth.*, ssl.*.
#pragma once

#include <string>

#include "cli/config/findings.h"
#include "cli/config/property_set.h"
#include "mirror/schemas/registry_settings.h"
#include "mirror/schemas/subject_rules.h"

namespace longspan {

// Without URLs where the file names no registry for this cluster.
RegistrySettings build_registry(PropertySet& properties, const std::string& alias,
                                Findings& findings);

// `flow` is "A->B.".
SubjectConfig build_subjects(PropertySet& properties, const std::string& flow, Findings& findings);

}  // namespace longspan
