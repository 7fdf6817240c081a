//! Which lines are written: one for every mutation, whatever becomes of it.

use entity::enums::{AuditObject, AuditOutcome, AuditSource, Role};
use serde_json::{Value, json};

use super::{all, change, line, lines, unit};
use crate::access::{Cast, WRITES};
use crate::support::{ROOT, both};

both!(
    async fn what_is_done_says_who_where_and_from_what_to_what(app: &TestApp) {
        app.small_federation().await;
        let admin = app.admin_of("P01").await;
        let me = banyan::graphql::account_id(admin.id()).unwrap();
        let input = json!({ "unit": "G1", "name": "Công đoàn May", "nameEn": "Garment Union" });
        admin.mutate("unitRename", input, "unit { id }").await.done();
        let g1 = unit(app, "G1").await;
        let found = line(app, "unitRename", AuditOutcome::Done).await;
        assert_eq!((found.actor_id, found.source), (Some(me), AuditSource::Api));
        assert_eq!((found.unit_id, found.object, found.object_id), (Some(g1), Some(AuditObject::Unit), Some(g1)));
        assert_eq!(found.address.as_deref(), Some("127.0.0.1"));
        assert_eq!(found.request.as_deref().map(str::len), Some(32));
        assert_eq!(found.at, app.app.now());
        assert_eq!(change(&found, "name"), (json!("Công đoàn G1"), json!("Công đoàn May")));
        assert_eq!(change(&found, "nameEn"), (Value::Null, json!("Garment Union")));

        let target = json!({ "unit": "P01", "programme": "SK", "kind": "PLANNED", "phase": "1", "value": 5 });
        admin.mutate("targetSet", target.clone(), "target { id }").await.done();
        let mut higher = target;
        higher["value"] = json!(7);
        let reply = admin.mutate("targetSet", higher, "target { id }").await.done();
        admin.mutate("targetClear", json!({ "id": reply.text("/targetSet/target/id") }), "id").await.done();
        let mut values: Vec<_> =
            lines(app, "targetSet", AuditOutcome::Done).await.iter().map(|line| change(line, "value")).collect();
        values.sort_by_key(|(before, _)| before.to_string());
        assert_eq!(values, [(json!("5"), json!("7")), (Value::Null, json!("5"))]);
        let cleared = line(app, "targetClear", AuditOutcome::Done).await;
        assert_eq!(change(&cleared, "value"), (json!("7"), Value::Null));
        assert_eq!(change(&cleared, "phase"), (json!("1"), Value::Null));

        let top = app.admin_of(ROOT).await;
        top.mutate("unitMove", json!({ "unit": "G1", "parent": "P02" }), "unit { id }").await.done();
        assert_eq!(change(&line(app, "unitMove", AuditOutcome::Done).await, "parent"), (json!("P01"), json!("P02")));
    }
);

both!(
    async fn what_people_write_stands_there_as_a_salted_hash(app: &TestApp) {
        app.small_federation().await;
        let (author, other) = (app.member_of("G1").await, app.member_of("G1").await);
        let secret = json!({ "title": "Bí mật", "claimedBenefit": "123456789", "coAuthors": [{ "account": other.id(), "share": 5 }] });
        let mut sent = author.send_in("G1", secret.clone()).await;
        author.draft("G1", secret).await;
        app.reviewer_of("P01").await.act("initiativeReturn", &sent, json!({ "note": "Bí mật" })).await.done();
        sent.version += 1;
        author.act("initiativeEdit", &sent, json!({ "title": "Bí mật hơn", "claimedBenefit": "5" })).await.done();
        for found in all(app).await {
            assert!(!found.changes.contains("Bí mật"), "{found:?}");
        }
        let drafts = lines(app, "initiativeDraft", AuditOutcome::Done).await;
        assert_eq!(drafts.len(), 2);
        for name in ["title", "claimedBenefit", "authors", "programme"] {
            let hashes: Vec<_> = drafts.iter().map(|line| change(line, name).1.as_str().unwrap().to_owned()).collect();
            assert!(hashes.iter().all(|hash| hash.len() == 64) && hashes[0] != hashes[1], "{name}: {hashes:?}");
        }
        // A record's figures are no secret any more, its texts are.
        let edited = line(app, "initiativeEdit", AuditOutcome::Done).await;
        assert_eq!(change(&edited, "claimedBenefit"), (json!("123456789"), json!("5")));
        assert_eq!(change(&edited, "title").0.as_str().map(str::len), Some(64));
        let returned = line(app, "initiativeReturn", AuditOutcome::Done).await;
        assert_eq!(change(&returned, "state"), (json!("SUBMITTED"), json!("RETURNED")));
        assert_eq!(change(&returned, "note").1.as_str().map(str::len), Some(64));
    }
);

both!(
    async fn a_repeated_mutation_is_recorded_as_such(app: &TestApp) {
        app.small_federation().await;
        let admin = app.admin_of("P01").await;
        let input = json!({ "unit": "G1", "name": "Tên mới", "idempotencyKey": "k" });
        for _ in 0..3 {
            admin.mutate("unitRename", input.clone(), "unit { id }").await.done();
        }
        assert_eq!(lines(app, "unitRename", AuditOutcome::Done).await.len(), 1);
        assert_eq!(lines(app, "unitRename", AuditOutcome::Repeated).await.len(), 2);

        let mut other = input;
        other["name"] = json!("Tên khác");
        admin.mutate("unitRename", other, "unit { id }").await;
        assert_eq!(line(app, "unitRename", AuditOutcome::Refused).await.codes, "IDEMPOTENCY_KEY_REUSED");

        // Refused with a key: the key keeps the refusal, the log tells of each.
        let input = json!({ "unit": "G2", "name": "", "idempotencyKey": "l" });
        for _ in 0..2 {
            admin.mutate("unitRename", input.clone(), "unit { id }").await;
        }
        let repeated = lines(app, "unitRename", AuditOutcome::Repeated).await;
        assert_eq!(repeated.iter().filter(|line| line.codes == "REQUIRED").count(), 1);
    }
);

both!(
    async fn every_mutation_that_is_denied_leaves_a_trace(app: &TestApp) {
        let cast = Cast::assemble(app).await;
        for write in WRITES {
            let stranger = app.member_of("P02").await;
            let me = banyan::graphql::account_id(stranger.id()).unwrap();
            let input: Value = serde_json::from_str(&cast.fill(write.input)).unwrap();
            let bulk = write.name.starts_with("initiatives");
            let changed = if bulk { "results { userErrors { code } }" } else { "__typename" };
            for actor in [&stranger, &app.anonymous()] {
                actor.mutate(write.name, input.clone(), changed).await;
            }
            let left: Vec<_> = all(app).await.into_iter().filter(|line| line.actor_id == Some(me)).collect();
            assert_eq!(left.len(), 1, "{}: {left:?}", write.name);
            let action = if bulk { write.name.replacen("initiatives", "initiative", 1) } else { write.name.to_owned() };
            assert_eq!(left[0].action, action);
            // Whoever holds an invitation may take it, and everybody is his own: that is recorded as any other.
            let done = ["invitationAccept", "accountUpdate"].contains(&write.name);
            let codes = if done { &[""][..] } else { &["NOT_FOUND", "FORBIDDEN"] };
            assert!(codes.contains(&left[0].codes.as_str()), "{left:?}");
        }
        // The one who is nobody too, until there were too many of him.
        let nobody = all(app).await.into_iter().filter(|line| line.codes == "UNAUTHENTICATED").count();
        assert_eq!(nobody, WRITES.len().min(20));
    }
);

both!(
    async fn a_denial_is_the_business_of_the_unit_that_was_asked_for(app: &TestApp) {
        app.small_federation().await;
        let stranger = app.admin_of("P02").await;
        let sent = app.member_of("G1").await.send_in("G1", json!({})).await;
        stranger.mutate("unitRename", json!({ "unit": "G1", "name": "Tên" }), "unit { id }").await;
        stranger.mutate("unitRename", json!({ "unit": "KHÔNG", "name": "Tên" }), "unit { id }").await;
        stranger.act("initiativeApprove", &sent, json!({ "verifiedBenefit": 1 })).await;
        let renames = lines(app, "unitRename", AuditOutcome::Denied).await;
        let mut units: Vec<_> = renames.iter().map(|line| line.unit_id).collect();
        let mut wanted = [Some(unit(app, "G1").await), Some(unit(app, ROOT).await)];
        units.sort();
        wanted.sort();
        assert_eq!(units, wanted);
        let approval = line(app, "initiativeApprove", AuditOutcome::Denied).await;
        assert_eq!((approval.unit_id, approval.object), (Some(unit(app, "G1").await), Some(AuditObject::Initiative)));
    }
);

both!(
    async fn a_flood_is_counted_and_told_as_one_line(app: &TestApp) {
        app.small_federation().await;
        let stranger = app.person("P02", &[("P02", Role::Member)]).await;
        let me = banyan::graphql::account_id(stranger.id()).unwrap();
        for _ in 0..50 {
            stranger.mutate("unitRename", json!({ "unit": "G1", "name": "Tên" }), "unit { id }").await;
        }
        assert_eq!(lines(app, "unitRename", AuditOutcome::Denied).await.len(), 20);
        banyan::audit::record_left_out(&app.app).await.unwrap();
        banyan::audit::record_left_out(&app.app).await.unwrap();
        let more = line(app, banyan::audit::MORE, AuditOutcome::Denied).await;
        assert_eq!((more.actor_id, change(&more, "count").1), (Some(me), json!("30")));
        app.set_clock("2026-03-02T09:00:07+07:00");
        for _ in 0..5 {
            stranger.mutate("unitRename", json!({ "unit": "G1", "name": "Tên" }), "unit { id }").await;
        }
        assert_eq!(lines(app, "unitRename", AuditOutcome::Denied).await.len(), 22);
    }
);

both!(
    async fn nothing_in_the_log_is_changed_or_deleted(app: &TestApp) {
        app.small_federation().await;
        let before = all(app).await;
        assert!(!before.is_empty());
        for statement in [
            "UPDATE audit_entry SET action = 'x'",
            "DELETE FROM audit_entry",
            "DELETE FROM audit_tail",
            "UPDATE audit_tail SET id = 1",
        ] {
            let tx = app.app.store.write().await.unwrap();
            let refused = tx.run(tx.sql(statement)).await.unwrap_err().to_string();
            assert!(refused.contains("append-only"), "{statement}: {refused}");
        }
        assert_eq!(all(app).await, before);
    }
);
