//! Stages one by one, and whole runs, on trees of 50, 500 and 5,000 files.
//!
//! A run on the large tree takes seconds: `cargo bench --bench pipeline -- files/500` measures one size, `-- syntax`
//! one stage.

use std::{hint::black_box, path::Path, time::Duration};

use contract_check::{
    cache::Cache,
    discover::{self, Scan},
    pipeline::{self, Request},
    syntax,
};
use criterion::{
    BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main,
};
use trees::mix;

/// As in the linter: the allocator is part of what is measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SIZES: [usize; 3] = [50, 500, 5_000];

fn stages(criterion: &mut Criterion) {
    let scratch = std::env::temp_dir().join(format!("bench-{}", std::process::id()));
    for size in SIZES {
        let tree = mix::tree(size);
        let dir = scratch.join(size.to_string());
        tree.write_to(&dir).expect("a directory for temporary files");
        let mut group = criterion.benchmark_group(format!("files/{size}"));
        group.throughput(Throughput::Bytes(tree.bytes() as u64));
        group.sample_size(10).sampling_mode(SamplingMode::Flat);
        group.measurement_time(Duration::from_secs(if size > 500 { 30 } else { 5 }));

        let scan = Scan { root: dir.clone(), ..Scan::default() };
        group.bench_function("discover", |bencher| bencher.iter(|| discover::scan(&scan)));
        let workspace = discover::scan(&scan).expect("the tree that was written");
        group.bench_function("read", |bencher| bencher.iter(|| discover::read_texts(&workspace)));
        let texts: Vec<&str> = tree.rust().map(|(_, text)| text).collect();
        group.bench_function("syntax", |bencher| {
            bencher.iter(|| {
                texts.iter().filter(|text| black_box(syntax::read_tree(text)).is_ok()).count()
            });
        });
        let cache = Cache::below(&scratch.join(format!("cache-{size}")));
        for (state, cache) in [("cold", None), ("warm", Some(cache))] {
            for jobs in [1, 2] {
                let request = Request { cache: cache.clone(), ..cold(&dir, jobs) };
                group.bench_function(BenchmarkId::new(state, jobs), |bencher| {
                    bencher.iter(|| pipeline::run(request.clone()));
                });
            }
        }
        group.finish();
    }
    std::fs::remove_dir_all(&scratch).expect("what was written above");
}

/// A run without a cache.
fn cold(dir: &Path, jobs: usize) -> Request {
    let contract = std::fs::read_to_string(dir.join("contract.toml")).expect("the tree's contract");
    Request {
        scan: Scan { root: dir.to_owned(), ..Scan::default() },
        contract: Some(("contract.toml".to_owned(), contract)),
        jobs,
        deny_warnings: false,
        today: jiff::civil::date(2026, 1, 1),
        cache: None,
        with_table: false,
    }
}

criterion_group!(benches, stages);
criterion_main!(benches);
