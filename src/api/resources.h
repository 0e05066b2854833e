// The resources of the control plane, one file each. Every function adds its routes; handlers keep
// a reference to `platform`.
#pragma once

#include "api/platform.h"
#include "api/router.h"

namespace selvage::api {

void add_user(Router& router, Platform& platform);               // user.cc: who am I
void add_scripts(Router& router, Platform& platform);            // scripts.cc: upload, read, list
void add_services(Router& router, Platform& platform);           // services.cc: read, delete
void add_versions(Router& router, Platform& platform);           // versions.cc
void add_deployments(Router& router, Platform& platform);        // deployments.cc
void add_script_settings(Router& router, Platform& platform);    // script_settings.cc
void add_secrets(Router& router, Platform& platform);            // secrets.cc
void add_subdomains(Router& router, Platform& platform);         // subdomains.cc
void add_triggers(Router& router, Platform& platform);           // triggers.cc: schedules, routes
void add_domains(Router& router, Platform& platform);            // domains.cc
void add_kv_namespaces(Router& router, Platform& platform);      // kv_namespaces.cc
void add_kv_values(Router& router, Platform& platform);          // kv_values.cc
void add_durable_objects(Router& router, Platform& platform);    // durable_objects.cc
void add_assets(Router& router, Platform& platform);             // assets.cc: uploads of contents
void add_oauth(Router& router, Platform& platform);              // oauth.cc: logins in a browser
void add_pages_projects(Router& router, Platform& platform);     // pages_projects.cc
void add_pages_deployments(Router& router, Platform& platform);  // pages_deployments.cc
void add_pages_assets(Router& router, Platform& platform);       // pages_assets.cc
void add_tails(Router& router, Platform& platform);              // tails.cc: live logs
void add_logs(Router& router, Platform& platform);               // logs.cc: what was kept of events
void add_audit_log(Router& router, Platform& platform);          // audit_log.cc

/// All of them.
void add_resources(Router& router, Platform& platform);

}  // namespace selvage::api
