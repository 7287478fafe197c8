import sys
sys.path.insert(0,"/tmp/w/snap")
def test_long(house, tmp_path):
    import wave, resource, time
    from plainspoken.conversations.tests.makers import ME, arrived, recogniser, written
    import numpy as np
    path=tmp_path/"l.wav"
    rng=np.random.default_rng(1)
    with wave.open(str(path),"wb") as o:
        o.setnchannels(2); o.setsampwidth(2); o.setframerate(8000)
        m=(rng.standard_normal(8000*60*2)*3000).astype("<i2").tobytes()
        for _ in range(60): o.writeframes(m)
    text=" ".join(["well I would like the lamp please thank you"]*600)
    with recogniser({0:text,1:text}):
        t=time.time(); row=arrived(house,sound=path); print("arrive",time.time()-t, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss/1024)
        t=time.time(); written(house,row); print("write",time.time()-t, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss/1024)
        import cProfile, pstats
        from plainspoken.transcripts.services import redacting
        from plainspoken.custody.sessions import purpose
        with purpose("ingest.write",organisation=house.id,by=ME):
            pr=cProfile.Profile(); pr.enable(); redacting.redact(conversation=row.id,by=ME); pr.disable()
        pstats.Stats(pr).sort_stats("cumtime").print_stats(22)
